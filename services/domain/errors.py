"""What the shop refuses, each with a stable code, a status and a sentence."""

from __future__ import annotations

from typing import ClassVar


class ShopError(Exception):
    """A refusal the caller can act on. `code` never changes; `details` holds JSON types only.

    `status` is the HTTP status under which the web console answers it.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.details = details


class BadRequest(ShopError):
    """The request is not of the described form."""

    code = "bad_request"


class CodeMalformed(ShopError):
    """A scan that is no barcode we know: wrong length, wrong check digit, broken element string."""

    code = "code_malformed"
    status = 422


class CodeUnknown(ShopError):
    """A well-formed barcode or article number that is not in the catalogue."""

    code = "code_unknown"
    status = 404


class GoodsExpired(ShopError):
    """The expiry date in the barcode (AI 17) has passed."""

    code = "goods_expired"
    status = 422


class LineUnknown(ShopError):
    """The basket has no such line."""

    code = "line_unknown"
    status = 404


class BasketFull(ShopError):
    """The basket has as many lines, or a line as many pieces, as it can hold."""

    code = "basket_full"
    status = 422


class BasketEmpty(ShopError):
    """There is nothing to pay for."""

    code = "basket_empty"
    status = 422


class BasketChanged(ShopError):
    """The basket is no longer the one the request was meant for: it has changed or was paid."""

    code = "basket_changed"
    status = 409


class TenderShort(ShopError):
    """The tendered amount does not cover the total."""

    code = "tender_short"
    status = 422


class TenderRefused(ShopError):
    """This tender cannot be used like that (unknown, not positive, beyond all reason)."""

    code = "tender_refused"
    status = 422


class DiscountRefused(ShopError):
    """So much cannot be taken off there: more than it costs, or goods that come back."""

    code = "discount_refused"
    status = 422


class PointsShort(ShopError):
    """There are not so many points (any more), or a debt comes first; details: balance, usable."""

    code = "points_short"
    status = 409


class PointsRefused(ShopError):
    """Points rules, or a correction of points, that cannot be like that; `details.why` says why."""

    code = "points_refused"
    status = 422


class CheckInRefused(ShopError):
    """This visit is not counted; `details.why`: off, today (it was), code_wrong, code_old."""

    code = "check_in_refused"
    status = 409


class ReferralRefused(ShopError):
    """This member was not brought by that one; `details.why`: off, self, late, bought, known."""

    code = "referral_refused"
    status = 409


class AlreadyReturned(ShopError):
    """These pieces have come back before, or while they stood in this bag."""

    code = "already_returned"
    status = 409


class ReturnRefused(ShopError):
    """This cannot be taken back like that: of two sales in one bag, or a line that came back itself."""

    code = "return_refused"
    status = 422


class PaymentOpen(ShopError):
    """A payment for this bag was begun or made: it is ended, or paid back, before the bag changes."""

    code = "payment_open"
    status = 409


class PaymentUnknown(ShopError):
    """This bag has no such payment, or it has ended another way."""

    code = "payment_unknown"
    status = 404


class RequestReused(ShopError):
    """The idempotency key was used before for another request."""

    code = "request_reused"
    status = 409


class SaleUnknown(ShopError):
    """No sale has this id."""

    code = "sale_unknown"
    status = 404


class JobUnknown(ShopError):
    """No print job has this id, or it is not in a state to answer this."""

    code = "job_unknown"
    status = 404


class ReasonNeeded(ShopError):
    """This is done for a reason only; `details.reasons` are those to choose from."""

    code = "reason_needed"
    status = 422


class OutcomeUnknown(ShopError):
    """The disk failed while committing: ask again with the same key, never with a new one."""

    code = "outcome_unknown"
    status = 503


class NotSignedIn(ShopError):
    """No session, or it has ended."""

    code = "not_signed_in"
    status = 401


class PinRefused(ShopError):
    """Unknown member of staff or wrong PIN; the answer does not say which."""

    code = "pin_refused"
    status = 401


class PinLocked(ShopError):
    """Too many wrong PINs; `details.wait_s` says how long to wait."""

    code = "pin_locked"
    status = 429


class Forbidden(ShopError):
    """Signed in, but this role may not do this; or the request did not come from our own page."""

    code = "forbidden"
    status = 403


class ApprovalNeeded(ShopError):
    """Somebody with this right must approve it with their PIN; `details` names the right and who can."""

    code = "approval_needed"
    status = 403


class ApproverRefused(ShopError):
    """This person may not approve that: it is who asks, or a role without the right."""

    code = "approver_refused"
    status = 403


class AttendanceRefused(ShopError):
    """A time at work that cannot be so; `details.why` says what stands against it."""

    code = "attendance_refused"
    status = 409


class StaffRefused(ShopError):
    """The list of staff cannot become like that; `details.why` says why."""

    code = "staff_refused"
    status = 422


class CommissionRefused(ShopError):
    """Commission rules that cannot hold; `details.why` says why, `details.n` which one."""

    code = "commission_refused"
    status = 409


class TierRefused(ShopError):
    """Tiers that make no sense, or a step that cannot be; `details.why` says why."""

    code = "tier_refused"
    status = 409


class NotFound(ShopError):
    """No such page or thing."""

    code = "not_found"
    status = 404


class TooLarge(ShopError):
    """The request is larger than any honest one."""

    code = "too_large"
    status = 413


class Busy(ShopError):
    """A limit of this box is reached; try again in a moment."""

    code = "busy"
    status = 503


class DeviceAbsent(ShopError):
    """This till has no such device."""

    code = "device_absent"
    status = 404


class LabelTooSmall(ShopError):
    """What stands on the label does not fit on one of this size."""

    code = "label_too_small"
    status = 422


class OutOfStock(ShopError):
    """More than is on hand, and this shop sells nothing that is not there."""

    code = "out_of_stock"
    status = 409


class DocumentUnknown(ShopError):
    """No stock document has this id."""

    code = "document_unknown"
    status = 404


class DocumentSettled(ShopError):
    """The stock document is not in a state for this: it is posted, arrived, cancelled or taken back."""

    code = "document_settled"
    status = 409


class DocumentKnown(ShopError):
    """A delivery or transfer with this number was entered before and stands."""

    code = "document_known"
    status = 409


class ArticleRefused(ShopError):
    """A style or an article that cannot be as it is asked for; `details.reason` says why."""

    code = "article_refused"
    status = 422


class ImportUnreadable(ShopError):
    """The file is no table we can read; `details.reason` and `details.line` say why and where."""

    code = "import_unreadable"
    status = 422


class ImportRefused(ShopError):
    """Rows of the file cannot be imported, so nothing was."""

    code = "import_refused"
    status = 422


class ImportStale(ShopError):
    """The file or the catalogue is another than the preview's: look at a new one."""

    code = "import_stale"
    status = 409


class PromotionUnknown(ShopError):
    """No promotion has this id, or it is no longer live."""

    code = "promotion_unknown"
    status = 404


class PromotionRefused(ShopError):
    """A promotion whose kind, layer or parameters do not fit; `details.reason` says what."""

    code = "promotion_refused"
    status = 422


class PromotionUsedUp(ShopError):
    """A promotion of this basket reached its limit or budget meanwhile: show the basket's new price."""

    code = "promotion_used_up"
    status = 409


class ShiftChanged(ShopError):
    """The shift is no longer as the request took it to be: opened, counted or closed meanwhile."""

    code = "shift_changed"
    status = 409


class CountRefused(ShopError):
    """This is no count of a drawer: an unknown note or coin, too many of it, or a third count."""

    code = "count_refused"
    status = 422


class CountNeeded(ShopError):
    """The drawer must be counted before the shift is closed."""

    code = "count_needed"
    status = 409


class ParkedUnknown(ShopError):
    """No parked basket has this id or this ticket."""

    code = "parked_unknown"
    status = 404


class ParkedTaken(ShopError):
    """The parked basket was resumed before; `details` say by whom, at which till and when."""

    code = "parked_taken"
    status = 409


class ParkedOver(ShopError):
    """The parked basket was given up; `details` say why, by whom and when."""

    code = "parked_over"
    status = 409


class ParkedRepriced(ShopError):
    """Prices have changed since it was parked: show `details.differences`, resume with `accepted_minor`."""

    code = "parked_repriced"
    status = 409


class ParkedFull(ShopError):
    """As many baskets are parked as the store can hold."""

    code = "parked_full"
    status = 422


class ParkedWaiting(ShopError):
    """The day cannot be closed: baskets are still parked, and the settings ask for none."""

    code = "parked_waiting"
    status = 409


class BagInUse(ShopError):
    """This till has goods in its bag: pay or park them first."""

    code = "bag_in_use"
    status = 409


class TicketScanned(ShopError):
    """The code is a park ticket: nothing was added, `details.parked_id` can be resumed."""

    code = "ticket_scanned"
    status = 409
