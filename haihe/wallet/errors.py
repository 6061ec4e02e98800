"""How top-ups and cards are refused; `field` names the field of a form."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class TopUpAmountInvalid(Refusal):
    """Zero, negative, not in whole fen, too little or too much; amounts in fen."""

    code = "amount_invalid"
    status = 422
    text = N_("You can top up between {min:money} and {max:money}, with two decimals at most.")


class TopUpLimitReached(Refusal):
    """More than a day allows; `left` in fen."""

    code = "top_up_limit"
    status = 403
    text = N_("That is more than a day allows. Today you can still top up {left:money}.")


class TopUpKeyMissing(Refusal):
    """The Idempotency-Key header is missing, empty or too long."""

    code = "key_missing"
    status = 400
    text = N_("This request needs an Idempotency-Key header of 1 to 200 characters.")


class TopUpKeyReused(Refusal):
    """The key was used for another top-up."""

    code = "key_reused"
    status = 422
    text = N_("This key was already used for another top-up.")


class TopUpUnknown(Refusal):
    """No such top-up of this citizen."""

    code = "top_up_unknown"
    status = 404
    text = N_("There is no such top-up.")


class CardInvalid(Refusal):
    """Not a bank card number: 12 to 19 digits with a right check digit."""

    code = "card_invalid"
    status = 422
    text = N_("This is not a valid card number. Please check the digits.")


class CardMismatch(Refusal):
    """The bank does not know the card under the citizen's name."""

    code = "card_mismatch"
    status = 422
    text = N_("The bank does not know this card under your name.")


class CardUnknown(Refusal):
    """No such card of this citizen."""

    code = "card_unknown"
    status = 404
    text = N_("Please choose one of your bank cards.")


class TooManyCards(Refusal):
    """More cards than anyone needs."""

    code = "cards_too_many"
    status = 422
    text = N_("You can keep {cards} bank cards at most.")


class BankUnavailable(Refusal):
    """The bank gave no answer, and nothing was asked for that could have happened."""

    code = "bank_unavailable"
    status = 503
    text = N_("The bank does not answer at the moment. Please try again in a few minutes.")
