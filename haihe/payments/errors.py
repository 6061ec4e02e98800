"""Why a payment is refused, in the order in which it is checked (POST /api/payments)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.codes.payment_codes import PaymentCodeUsed
from haihe.payments.model import Status
from haihe.payments.paper.errors import PaperCardRevoked

if TYPE_CHECKING:
    from collections.abc import Mapping


class KeyMissing(Refusal):
    """The Idempotency-Key header is missing, empty or too long."""

    code = "key_missing"
    status = 400
    text = N_("This request needs an Idempotency-Key header of 1 to 200 characters.")


class KeyReused(Refusal):
    """The key was used for another request."""

    code = "key_reused"
    status = 422
    text = N_("This key was already used for another payment.")


class InProgress(Refusal):
    """The same request is being worked on at this moment."""

    code = "in_progress"
    status = 409
    title = N_("One moment")
    text = N_("This payment is being processed. Please wait a moment.")


class AmountMissing(Refusal):
    """The code has no price, and none was given."""

    code = "amount_missing"
    status = 422
    text = N_("Please enter the amount.")


class AmountFixed(Refusal):
    """The code has a price, and another amount was given."""

    code = "amount_fixed"
    status = 422
    text = N_("This code has a fixed price; no amount can be entered.")


class AmountInvalid(Refusal):
    """The amount is below one fen or too large."""

    code = "amount_invalid"
    status = 422
    text = N_("This amount is not possible.")


class AlreadyPaid(Refusal):
    """The same rider paid in the same vehicle less than three minutes ago; details: the first payment's id."""

    code = "already_paid"
    status = 409
    title = N_("Already paid")
    text = N_("You have already paid here. Do you want to pay for someone with you?")


class AccountFrozen(Refusal):
    """The payer's wallet is frozen."""

    code = "account_frozen"
    status = 403
    text = N_("Your wallet is frozen. Nothing was paid. You can release it with your passcode and a code by SMS.")


class AccountClosed(Refusal):
    """The payer's wallet is closed."""

    code = "account_closed"
    status = 403
    text = N_("Your wallet is closed. Nothing was paid.")


class InsufficientFunds(Refusal):
    """The payer's money does not suffice; details: the balance."""

    code = "insufficient_funds"
    status = 402
    text = N_("There is not enough money in your wallet. Top it up and pay again.")


class LimitReached(Refusal):
    """A limit of the law was reached; details: the `way` up."""

    code = "limit_reached"
    status = 403
    text = N_("Your payment limit is reached. Nothing was paid.")


class CapReached(LimitReached):
    """A cap that the payer, or who looks after the payer, has set."""

    text = N_("This would be more than what was agreed for your wallet. Nothing was paid.")


class ConfirmationNeeded(Refusal):
    """A limit of the day is reached; with the passcode or a passkey it can be paid."""

    code = "confirmation_needed"
    status = 403
    title = N_("Please confirm")
    text = N_("You have paid a lot without confirmation today. Please confirm this payment; nothing was paid yet.")


class PayeeUnavailable(Refusal):
    """The payee's account takes no money."""

    code = "payee_unavailable"
    status = 409
    title = N_("Not possible now")
    text = N_("This operator cannot take payments at the moment. Nothing was paid.")


class Settled(Refusal):
    """The bill, fee or ticket was paid before; details: the payment's id if it was the viewer's own."""

    code = "already_settled"
    status = 409
    title = N_("Already paid")
    text = N_("This has already been paid. Nothing was taken a second time.")


class NoLongerDue(Refusal):
    """The bill, fee or ticket was withdrawn, or the time to pay it is over."""

    code = "no_longer_due"
    status = 409
    title = N_("No longer due")
    text = N_("This can no longer be paid: it was withdrawn, or its time is over.")


class SponsorUnavailable(Refusal):
    """Whoever bears a share of this payment has not enough money in the city."""

    code = "sponsor_unavailable"
    status = 409
    title = N_("Not possible now")
    text = N_("Whoever bears a share of this cannot pay at the moment. Nothing was paid.")


class PriceChanged(Refusal):
    """The payer's own part is more than what the page showed: a discount or a purse was used up meanwhile."""

    code = "price_changed"
    status = 409
    title = N_("The price has changed")
    text = N_(
        "The price has changed since this page was opened. Nothing was paid; please look at what you would pay now."
    )


class TieEnded(Refusal):
    """The relative or helper who asked may no longer pay this."""

    code = "family_ended"
    status = 403
    text = N_("You may no longer pay this for somebody else. Nothing was paid.")


class MandateReached(Refusal):
    """More than the helper's mandate allows in this month."""

    code = "mandate_reached"
    status = 403
    text = N_("This would be more than your mandate allows this month. Nothing was paid.")


class PaymentUnknown(Refusal):
    """There is no such payment, or it is someone else's."""

    code = "payment_unknown"
    status = 404
    text = N_("There is no such payment.")


class CursorInvalid(Refusal):
    """The cursor was not made by this city."""

    code = "cursor_invalid"
    status = 400
    text = N_("This page of the list does not exist.")


LIMITED: Final = frozenset({Status.LIMIT_REACHED, Status.CAP_REACHED, Status.CONFIRMATION_NEEDED})
"""Refusals that also tell where the payer's limits and the way up stand (`way`)."""

REFUSAL_OF_STATUS: Final[Mapping[Status, type[Refusal]]] = {
    Status.ALREADY_PAID: AlreadyPaid,
    Status.ACCOUNT_FROZEN: AccountFrozen,
    Status.ACCOUNT_CLOSED: AccountClosed,
    Status.INSUFFICIENT_FUNDS: InsufficientFunds,
    Status.LIMIT_REACHED: LimitReached,
    Status.PAYEE_UNAVAILABLE: PayeeUnavailable,
    Status.CODE_USED: PaymentCodeUsed,
    Status.SPONSOR_UNAVAILABLE: SponsorUnavailable,
    Status.SETTLED: Settled,
    Status.NO_LONGER_DUE: NoLongerDue,
    Status.PRICE_CHANGED: PriceChanged,
    Status.CONFIRMATION_NEEDED: ConfirmationNeeded,
    Status.CAP_REACHED: CapReached,
    Status.CARD_REVOKED: PaperCardRevoked,
    Status.TIE_ENDED: TieEnded,
    Status.MANDATE_REACHED: MandateReached,
}
