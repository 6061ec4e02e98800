"""Refunds: a payment given back whole or in part, repeated until nothing is left, each share to where it came from.

Owns: the refundable rest of a payment (an account in the ledger), reasons, what is held for accounts that take nothing. Never: gives
back more than was paid, or to anybody else. Calls the ledger, payments and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from haihe.base.jobs import Periodic

if TYPE_CHECKING:
    from haihe.payments.refunds.service import Refunds

__all__ = ["jobs"]

MOVE_ON_CRON: Final = "* * * * *"
"""Held shares are looked at once a minute."""


def jobs(refunds: Refunds) -> list[Periodic]:
    """Give the work that runs beside the city: what was held goes on to accounts that take money again."""
    return [Periodic("payments.move_held_on", "refunds", MOVE_ON_CRON, refunds.move_held_on)]
