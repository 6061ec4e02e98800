"""How requests about forgotten passcodes are refused."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class IdNumberOther(Refusal):
    """The ID number is not the person's own."""

    code = "id_number_other"
    status = 422
    text = N_("This is not the ID number of this wallet's owner.")


class ResetNotReady(Refusal):
    """Nothing was asked for, or the wait is not over."""

    code = "reset_not_ready"
    status = 409
    text = N_("A new passcode cannot be chosen yet.")


class CounterNeeded(Refusal):
    """The wallet is frozen, perhaps because the phone was stolen: then the phone proves too little."""

    code = "counter_needed"
    status = 403
    text = N_(
        "Your wallet is frozen. A forgotten passcode can then be replaced only at a service counter, with your ID card."
    )
