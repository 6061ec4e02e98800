"""How a payment by card is refused before the bank is asked; amounts in fen."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class CardConfirmationNeeded(Refusal):
    """Above what the law lets pass without a further check."""

    code = "confirmation_needed"
    status = 403
    title = N_("Please confirm")
    text = N_("Above {limit:money} a payment from a card has to be confirmed. Nothing was paid yet.")


class StaticLimitReached(Refusal):
    """More than a day allows to be paid from cards at static codes; `left` in fen."""

    code = "limit_reached"
    status = 403
    text = N_("From your cards you can still pay {left:money} at stickers today. Nothing was paid.")


class NothingToPull(Refusal):
    """Others pay all of it: nothing has to come from a card."""

    code = "nothing_to_pull"
    status = 409
    title = N_("No card needed")
    text = N_("Nothing of this has to come from your card. Please pay it from the wallet.")


class CardPaymentUnknown(Refusal):
    """No such payment by card of this citizen."""

    code = "card_payment_unknown"
    status = 404
    text = N_("There is no such payment.")
