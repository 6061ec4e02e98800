"""Payments straight from a bank card, without money in the wallet beforehand.

Owns: what was pulled for which payment, and what became of both. Never: pays before the money came, more than came, or twice. Calls
payments, the wallet's top-ups, and the law.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from haihe.base.jobs import Periodic
from haihe.payments.card_payments import api, pages
from haihe.payments.card_payments.service import CardPayments
from haihe.web.part import Part

__all__ = ["jobs", "part"]

FINISH_CRON: Final = "* * * * * */3"
"""Every three seconds (they stand last): someone may be looking at the page that waits."""


def part(card_payments: CardPayments) -> Part:
    """Give the pages and the API of payments by card; `limits` come from the part of people."""
    return Part(
        "card_payments",
        handlers=(*api.HANDLERS, *pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"card_payments": card_payments},
    )


def jobs(card_payments: CardPayments) -> list[Periodic]:
    """Give the work that runs beside the city: paying with the money that has come."""
    return [Periodic("payments.by_card", "card_payments", FINISH_CRON, card_payments.finish_known)]
