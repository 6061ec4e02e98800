"""How requests about a family's money are refused."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class CapInvalid(Refusal):
    """No amount that a month may be limited to; in fen."""

    code = "cap_invalid"
    status = 422
    text = N_("Please enter an amount between {min:money} and {max:money}, with two decimals at most.")


class FrozenByOthers(Refusal):
    """The wallet was frozen at a counter, and is released there."""

    code = "frozen_by_others"
    status = 409
    text = N_("This wallet was frozen at a service counter and can only be released there.")
