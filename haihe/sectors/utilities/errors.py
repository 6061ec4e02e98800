"""Why an account is not found, a reading not taken, a bill not withdrawn."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class CompanyUnknown(Refusal):
    """No utility of the city has this id."""

    code = "company_unknown"
    status = 422
    text = N_("Please choose a company.")


class NumberWrong(Refusal):
    """No customer number of this biller looks like this; said before anything is looked up."""

    code = "number_wrong"
    status = 422
    text = N_("A customer number of this company looks like {example}.")


class AccountUnknown(Refusal):
    """The biller has no such customer number."""

    code = "account_unknown"
    status = 404
    text = N_("This company has no such customer number.")


class TooManyAccounts(Refusal):
    """Somebody follows more accounts than a person can have to do with."""

    code = "too_many_accounts"
    status = 409
    text = N_("You have {most} accounts already. Please remove one first.")


class LineMalformed(Refusal):
    """A line has more or fewer than three entries."""

    code = "line_malformed"
    status = 422
    text = N_("A line is: customer number, date, reading.")


class DateWrong(Refusal):
    """What is given as a date is none."""

    code = "date_wrong"
    status = 422
    text = N_("Please write the date like 2026-10-31.")


class DateInFuture(Refusal):
    """Nobody can have read the meter then."""

    code = "date_in_future"
    status = 422
    text = N_("This day has not come yet.")


class ValueWrong(Refusal):
    """What is given as a reading is none, or more than any meter shows."""

    code = "value_wrong"
    status = 422
    text = N_("Please write the reading like 1045 or 1045.5.")


class NotMetered(Refusal):
    """This account's bills come of no readings."""

    code = "not_metered"
    status = 409
    text = N_("This account has no meter: its bills do not come of readings.")


class DateNotAfterLast(Refusal):
    """There is a reading of this day with another value, or of a later day."""

    code = "date_not_after_last"
    status = 409
    text = N_("There is a reading of {day:day} already; a new one must be of a later day.")


class ValueLower(Refusal):
    """A meter does not run backwards."""

    code = "value_lower"
    status = 409
    text = N_("This is lower than the last reading, {last:number}.")


class MonthBilled(Refusal):
    """The account has its bill of this month."""

    code = "month_billed"
    status = 409
    text = N_("This account has its bill of {day:month} already. If that is wrong, withdraw it first.")


class NothingToIssue(Refusal):
    """The company's bills all come of readings."""

    code = "nothing_to_issue"
    status = 409
    text = N_("The bills of this company come of readings only.")


class NotTheNewest(Refusal):
    """A later reading builds upon this one."""

    code = "not_the_newest"
    status = 409
    text = N_("There is a later reading. Withdraw the later one first.")


class NotOpen(Refusal):
    """The bill was paid or withdrawn before."""

    code = "not_open"
    status = 409
    text = N_("Only an open bill can be withdrawn. This one was paid or withdrawn before.")


class ListTooLong(Refusal):
    """More lines at once than the page sends."""

    code = "list_too_long"
    status = 413
    text = N_("Please send at most {most:number} lines at once.")


class NothingChosen(Refusal):
    """No bill was chosen, or more than can be paid at once."""

    code = "nothing_chosen"
    status = 422
    text = N_("Please choose between 1 and {most} bills.")
