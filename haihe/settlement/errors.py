"""Why settlement refuses. Nothing was changed."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class DayNotOver(Refusal):
    """A day is closed when it is over in the city, never before."""

    code = "day_not_over"
    status = 409
    title = N_("The day is not over")
    text = N_("{day:day} can be closed when it is over: at midnight, city time. Payments go on meanwhile.")


class DayNotSettled(Refusal):
    """There is no settlement of this organisation and day."""

    code = "day_not_settled"
    status = 404
    text = N_("Of this day there is no settlement: it is not closed yet, or nothing was taken in.")
