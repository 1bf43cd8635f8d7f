"""What is refused of coupons."""

from __future__ import annotations

from services.domain.errors import ShopError


class CouponUnknown(ShopError):
    """No coupon, or no kind of coupon that is issued, is known by this."""

    code = "coupon_unknown"
    status = 404


class CouponRefused(ShopError):
    """This coupon cannot be used or moved now; details: why, and the days or the kind it is about."""

    code = "coupon_refused"
    status = 409


class CouponScanned(ShopError):
    """The code is a coupon's: nothing was added, it may be let take something off the bag."""

    code = "coupon_scanned"
    status = 409


class CouponTemplateRefused(ShopError):
    """A kind of coupon that cannot be; `details.reason` names the field."""

    code = "coupon_template_refused"
    status = 422
