"""Why a service counter refuses. Nothing was changed, no money moved."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class PersonUnknown(Refusal):
    """Nobody is registered with this number."""

    code = "person_unknown"
    status = 404
    text = N_("Nobody is registered with this number. Please check it.")


class VisitOver(Refusal):
    """The visit is another clerk's, is over, or never was."""

    code = "visit_over"
    status = 410
    title = N_("This visit is over")
    text = N_("Please find the person again.")


class NotProved(Refusal):
    """What is asked for needs a stronger proof of who the person is."""

    code = "identity_not_proved"
    status = 403
    text = N_("First compare the person with the ID card, or ask for the code on the person's phone.")


class NotOnTheCard(Refusal):
    """The ID number that the clerk read from the card is not this person's."""

    code = "id_card_differs"
    status = 422
    text = N_("This is not the ID number of the person who was found.")


class FaceNotCompared(Refusal):
    """The clerk has not said that face and card were compared."""

    code = "face_not_compared"
    status = 422
    text = N_("Please compare the face with the ID card, and say so.")


class CashAmountInvalid(Refusal):
    """An amount that counters do not take at once."""

    code = "cash_amount_invalid"
    status = 422
    text = N_("A counter takes between {min:money} and {max:money} in cash.")


class DrawerFull(Refusal):
    """The clerk has taken as much today as one drawer may hold."""

    code = "drawer_full"
    status = 409
    text = N_("Your drawer may take {left:money} more today. Another clerk can serve this person.")


class CashKeyReused(Refusal):
    """The form was sent before, for another amount or person."""

    code = "key_reused"
    status = 422
    text = N_("This form was already used. Please reload the page and look at today's list.")


class CounterLacksMoney(Refusal):
    """The counter's account has less in this person's bucket than the cash that would be credited."""

    code = "till_lacks_money"
    status = 409
    title = N_("Not enough money in the till")
    text = N_(
        "The account of this counter cannot credit so much at the moment. Give the cash back and tell your office."
    )


class WalletTakesNothing(Refusal):
    """The wallet is frozen or closed."""

    code = "wallet_unavailable"
    status = 409
    text = N_("This wallet takes no money at the moment: it is frozen or closed. Give the cash back.")


class CashInUnknown(Refusal):
    """No such receipt of this counter."""

    code = "cash_in_unknown"
    status = 404
    text = N_("There is no such receipt.")


class PrintedTooLate(Refusal):
    """Only who issued a card prints it, and only for some minutes."""

    code = "print_over"
    status = 410
    text = N_("A paper card can be printed only right after it was issued. Please issue a new one.")


class NotYourCash(Refusal):
    """Another clerk took it."""

    code = "not_your_cash"
    status = 403
    text = N_("Only the clerk who took the cash can ask to give it back.")


class ReversedTooLate(Refusal):
    """The minutes are over in which a cash-in can be taken back."""

    code = "reversal_too_late"
    status = 409
    text = N_("A cash-in can be taken back for {minutes} minutes only.")


class AlreadyReversed(Refusal):
    """It was taken back before."""

    code = "already_reversed"
    status = 409
    text = N_("This cash-in was taken back already.")


class CashSpent(Refusal):
    """The wallet has less than was paid in, or gives nothing."""

    code = "cash_spent"
    status = 409
    text = N_("The wallet has not enough left of it, or is frozen. Nothing was taken back.")
