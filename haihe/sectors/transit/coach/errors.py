"""Why a ticket is not sold or not shown."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class SamePlace(Refusal):
    """From and to are the same stop."""

    code = "same_place"
    status = 422
    text = N_("You are there already: choose two different stops.")


class WrongWay(Refusal):
    """The coach calls at the stops in the other order."""

    code = "wrong_way"
    status = 422
    text = N_("This coach calls at these stops in the other order.")


class NoCoach(Refusal):
    """No coach goes there, or not on this day."""

    code = "no_coach"
    status = 404
    text = N_("No coach goes there on this day. Choose another day or other stops.")


class Departed(Refusal):
    """The coach has left the stop."""

    code = "departed"
    status = 409
    text = N_("This coach has left. Choose a later one.")


class NotOnSale(Refusal):
    """The day is too far ahead."""

    code = "not_on_sale"
    status = 409
    text = N_("Tickets for this day are not on sale yet.")


class SoldOut(Refusal):
    """All seats are sold or held."""

    code = "sold_out"
    status = 409
    text = N_("All seats of this coach are sold or being paid for. Choose another departure.")


class TooManyHeld(Refusal):
    """The citizen holds too many seats that are not paid."""

    code = "too_many_held"
    status = 409
    text = N_("You hold several seats that are not paid yet. Pay for them first, or let their time run out.")


class TicketUnknown(Refusal):
    """There is no such ticket, or it is someone else's."""

    code = "ticket_unknown"
    status = 404
    text = N_("There is no such ticket.")
