"""How a person's wishes about the own data are refused."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class ExportedEnough(Refusal):
    """Everything was given out often enough today."""

    code = "exported_enough"
    status = 429
    text = N_("Your data was given out {times} times within a day. Please come again tomorrow.")


class MoneyLeft(Refusal):
    """Who still has money in the wallet cannot be erased."""

    code = "money_left"
    status = 409
    text = N_("There are {amount:money} in your wallet. Please withdraw or spend them first; nothing was erased.")


class StillPending(Refusal):
    """Something has to end before; `reasons` are its texts."""

    code = "still_pending"
    status = 409
    text = N_("Something is not finished yet. Nothing was erased.")


class ErasureNotUnderstood(Refusal):
    """The box that says what cannot be undone is not ticked."""

    code = "erasure_not_understood"
    status = 422
    text = N_("Please tick that you understand.")
