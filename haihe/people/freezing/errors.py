"""How requests about freezing are refused."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class WalletFrozen(Refusal):
    """The wallet is frozen, and this has to wait until it is released."""

    code = "account_frozen"
    status = 403
    text = N_("Your wallet is frozen. Release it first, with your passcode and a code by SMS.")


class NotFrozen(Refusal):
    """There is nothing to release."""

    code = "not_frozen"
    status = 409
    text = N_("Your wallet is not frozen.")
