"""The faces of who takes the money: the driver's screen, its pairing, its live news.

Owns terminals and their streams. Never knows what was sold: a sector gives a `Board` that reads what was taken at a point. Calls
base, web, people (surnames) and payments (news).
"""

from __future__ import annotations

from haihe.counter.branch import Ground
from haihe.counter.pages import HANDLERS, STATIC, TEMPLATES
from haihe.counter.screen import Screens
from haihe.web.part import Part

__all__ = ["part"]


def part(ground: Ground, screens: Screens) -> Part:
    """Give the terminals' faces, and to all handlers the services of the ground."""
    return Part(
        "counter",
        handlers=HANDLERS,
        templates=TEMPLATES,
        static=STATIC,
        dependencies={
            "terminals": ground.terminals,
            "screens": screens,
            "stickers": ground.stickers,
            "catalogue": ground.catalogue,
            "dues": ground.dues,
            "purses": ground.purses,
        },
    )
