"""What a statement can refuse."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class TurnInvalid(Refusal):
    """The address of the page was not made by this city, or for another account."""

    code = "cursor_invalid"
    status = 400
    text = N_("This page of the list does not exist.")


class StatementTooLong(Refusal):
    """A walk would be longer than anybody reads."""

    code = "statement_too_long"
    status = 422
    text = N_("There are too many entries between then and now. Please choose a later time.")
