"""What is refused about members. No message and no detail holds what somebody is known by."""

from __future__ import annotations

from services.domain.errors import ShopError


class MemberUnknown(ShopError):
    """Nobody is known by this, or their data were erased."""

    code = "member_unknown"
    status = 404


class MemberKnown(ShopError):
    """Somebody is known by this phone, card or number already; `details.candidates` are who."""

    code = "member_known"
    status = 409


class MemberChanged(ShopError):
    """The member's data have changed meanwhile: look at them again."""

    code = "member_changed"
    status = 409


class MemberScanned(ShopError):
    """The code is a member's: nothing was added, `details.member_id` may be named as who buys."""

    code = "member_scanned"
    status = 409


class MemberBlocked(ShopError):
    """This member is blocked: the bag is sold without."""

    code = "member_blocked"
    status = 409


class MemberRefused(ShopError):
    """A member cannot become like that; `details.why` says why, `details.field` where."""

    code = "member_refused"
    status = 422


class MemberSealed(ShopError):
    """The member's data cannot be opened: the keys of this box are missing, or others."""

    code = "member_sealed"
    status = 503


class MergeRefused(ShopError):
    """These two cannot be made one, or parted again; `details.why` says why."""

    code = "merge_refused"
    status = 409


class TagRefused(ShopError):
    """Tags that make no sense, or one that cannot be put on; `details.why` says why."""

    code = "tag_refused"
    status = 409


class LookedTooOften(ShopError):
    """As many hidden numbers were shown to this person in one hour as may be; `details.wait_s`."""

    code = "looked_too_often"
    status = 429
