"""The faces of who takes the money: the driver's screen, the till, the validator, their pairing, their live news.

Owns terminals, their streams and what was sold at points by amount alone (`sales`). Never knows what was sold: a sector gives a
`Board` that reads what was taken at a point. Calls base, web, people (surnames), codes and payments (news, charges).
"""

from __future__ import annotations

from typing import Final

from haihe.base.jobs import Periodic
from haihe.codes.payment_codes import PaymentCodes
from haihe.counter import charging, pages
from haihe.counter.branch import Ground
from haihe.counter.screen import Screens
from haihe.web.part import Part

__all__ = ["jobs", "part"]

FORGET_CRON: Final = "20 3 * * *"
"""Once a day, while the city sleeps."""


def part(ground: Ground, screens: Screens) -> Part:
    """Give the terminals' faces, and to all handlers the services of the ground."""
    return Part(
        "counter",
        handlers=(*pages.HANDLERS, charging.charge),
        templates=pages.TEMPLATES,
        static=pages.STATIC,
        dependencies={
            "terminals": ground.terminals,
            "screens": screens,
            "stickers": ground.stickers,
            "catalogue": ground.catalogue,
            "dues": ground.dues,
            "purses": ground.purses,
        },
    )


def jobs(codes: PaymentCodes) -> list[Periodic]:
    """Give the work that runs beside the city: forgetting payment codes that ended."""
    return [Periodic("counter.forget_codes", "counter", FORGET_CRON, codes.forget_ended)]
