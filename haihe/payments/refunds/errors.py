"""Why a refund is refused. Nothing was changed."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class RefundAboveRest(Refusal):
    """More was asked for than is left of the payment; details: the rest in fen."""

    code = "refund_above_rest"
    status = 422
    text = N_("Of this payment {rest:money} can still be refunded.")


class SecondPersonNeeded(Refusal):
    """More of one payment than one person may give back alone; details: so much in fen."""

    code = "second_person_needed"
    status = 403
    title = N_("A second person has to decide")
    text = N_("Above {most:money} of one payment, a second person has to approve the refund. Nothing was refunded.")


class NothingLeft(Refusal):
    """The payment was given back already."""

    code = "nothing_left_to_refund"
    status = 409
    title = N_("Already refunded")
    text = N_("This payment has been refunded in full. Nothing is left of it.")


class NotRefundable(Refusal):
    """No money moved by it (a refused payment), or it is a refund itself."""

    code = "not_refundable"
    status = 409
    text = N_("This was not paid, or is a refund itself: there is nothing to refund.")


class TillLacksMoney(Refusal):
    """The organisation's till has less than is to be given back; another payer's money is never used for it."""

    code = "till_lacks_money"
    status = 409
    title = N_("Not enough money in the till")
    text = N_("There is not enough money in your till for this refund. Nothing was refunded.")


class TillUnavailable(Refusal):
    """The organisation's till is frozen or closed."""

    code = "till_unavailable"
    status = 409
    text = N_("Your till gives no money at the moment. Nothing was refunded.")


class RefundKeyReused(Refusal):
    """The key was used for another refund or payment."""

    code = "key_reused"
    status = 422
    text = N_("This key was already used for another refund.")


class ReasonMissing(Refusal):
    """No reason was given, or a far too long one."""

    code = "reason_missing"
    status = 422
    text = N_("Please say why, in at most 200 characters.")
