"""How a rule for automatic top-ups is refused; `field` names the field of a form, amounts in fen."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class AutoAmountInvalid(Refusal):
    """More at once than the law lets pass without a check, or too little."""

    code = "amount_invalid"
    status = 422
    text = N_("Automatically, between {min:money} and {max:money} can be pulled at a time.")


class AutoBelowInvalid(Refusal):
    """A threshold that one pull may not reach."""

    code = "below_invalid"
    status = 422
    text = N_("This must be between ¥0.01 and {max:money}: one top-up has to be enough.")


class AutoMonthInvalid(Refusal):
    """Less than one pull, or more than a rule may pull."""

    code = "month_max_invalid"
    status = 422
    text = N_("In a month between {min:money} and {max:money} can be pulled automatically.")


class AutoRuleUnknown(Refusal):
    """The citizen has no rule."""

    code = "auto_top_up_unknown"
    status = 404
    text = N_("You have no automatic top-up.")
