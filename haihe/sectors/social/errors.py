"""How enrolling is refused; nothing has changed then."""

from __future__ import annotations

from haihe.base.errors import Refusal, Translate
from haihe.base.i18n import N_


class WindowClosed(Refusal):
    """Nobody can enrol on this day; `closed_on` and `opens_on` are the days around it, where they are known."""

    code = "window_closed"
    status = 409
    text = N_("Enrolment is closed.")

    def message(self, translate: Translate) -> str:
        """Say when it closed and when it opens again."""
        whole = {"closed_on", "opens_on"} <= self.details.keys()
        dates = N_("Enrolment closed on {closed_on:day} and opens again on {opens_on:day}.")
        return translate(dates if whole else self.text, **self.details)


class AlreadyCovered(Refusal):
    """The person is covered for this year, whoever paid; `receipt` only if the viewer did."""

    code = "already_covered"
    status = 409
    text = N_("This person is already covered for {year}. Nothing was taken a second time.")


class WrongAgeGroup(Refusal):
    """The tier is for people of another group."""

    code = "wrong_age_group"
    status = 422
    text = N_("This tier is for another age group. Please choose one that is shown for this person.")


class NothingDue(Refusal):
    """Nobody of this group pays anything."""

    code = "nothing_due"
    status = 409
    text = N_("At this age there is nothing to pay.")


class InsuredUnknown(Refusal):
    """The viewer is not responsible for such a person."""

    code = "insured_unknown"
    status = 404
    text = N_("You pay contributions for yourself and for the relatives on your list only.")


class RelativeUnknown(Refusal):
    """Nobody registered has this name with this ID number; which of the two is wrong is not told."""

    code = "relative_unknown"
    status = 404
    text = N_("Nobody registered in this city has this name with this ID number.")


class RelativesFull(Refusal):
    """The list is as long as it may be."""

    code = "relatives_full"
    status = 409
    text = N_("Your list already has {people_max} people. Please remove someone first.")
