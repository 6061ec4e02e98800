"""How withdrawals are refused; `field` names the field of a form, amounts in fen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.ledger.model import Result


class WithdrawalAmountInvalid(Refusal):
    """Zero, negative, not in whole fen, or too much."""

    code = "amount_invalid"
    status = 422
    text = N_("You can withdraw between {min:money} and {max:money}, with two decimals at most.")


class WithdrawalLimitReached(Refusal):
    """More than a day allows; `left` in fen."""

    code = "withdrawal_limit"
    status = 403
    text = N_("That is more than a day allows. Today you can still withdraw {left:money}.")


class WithdrawalKeyReused(Refusal):
    """The key was used for another withdrawal."""

    code = "key_reused"
    status = 422
    text = N_("This key was already used for another withdrawal.")


class WithdrawalUnknown(Refusal):
    """No such withdrawal of this citizen."""

    code = "withdrawal_unknown"
    status = 404
    text = N_("There is no such withdrawal.")


class WithdrawalFrozen(Refusal):
    """The wallet is frozen."""

    code = "account_frozen"
    status = 403
    text = N_("Your wallet is frozen. Nothing was withdrawn.")


class WithdrawalClosed(Refusal):
    """The wallet is closed."""

    code = "account_closed"
    status = 403
    text = N_("Your wallet is closed. Nothing was withdrawn.")


class WithdrawalInsufficient(Refusal):
    """The money does not suffice; details: the balance."""

    code = "insufficient_funds"
    status = 402
    text = N_("There is not enough money in your wallet. Nothing was withdrawn.")


REFUSAL_OF_RESULT: Final[Mapping[Result, type[Refusal]]] = {
    Result.ACCOUNT_FROZEN: WithdrawalFrozen,
    Result.ACCOUNT_CLOSED: WithdrawalClosed,
    Result.UNKNOWN_ACCOUNT: WithdrawalClosed,
    Result.INSUFFICIENT_FUNDS: WithdrawalInsufficient,
}
"""What the ledger refused. Nothing is written down then, so that the key stays free."""
