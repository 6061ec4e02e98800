"""What a rule for automatic top-ups may say. Pure."""

from __future__ import annotations

from haihe.wallet.auto import errors
from haihe.wallet.auto.model import MONTH_FEN_MAX


def check_rule(*, below: int, amount: int, month_max: int, amount_max: int, amount_min: int) -> None:
    """Raise a refusal for a rule that cannot be; all in fen.

    `amount_max` is what the law lets pass without the bank's own check of each pull (announcement 43/2015, Art. 23). One pull is
    always enough, so that no low balance is answered twice.
    """
    if not amount_min <= amount <= amount_max:
        raise errors.AutoAmountInvalid(field="amount", min=amount_min, max=amount_max)
    if not 1 <= below <= amount:
        raise errors.AutoBelowInvalid(field="below", max=amount)
    if not amount <= month_max <= MONTH_FEN_MAX:
        raise errors.AutoMonthInvalid(field="month_max", min=amount, max=MONTH_FEN_MAX)
