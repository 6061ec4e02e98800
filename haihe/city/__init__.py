"""The whole city at a glance: who is registered, who pays for what, how it grows, how far the programme has come; the demo's past.

Owns: the page /city and its figures, the programme's milestones, the past that the demo city is given at its founding. Never: shows a
person, or one organisation's money; every figure is a sum over the tallies of `payments`, which the ledger is checked against. Calls
payments (tallies, engine) and below.
"""

from __future__ import annotations

from haihe.city import api, pages
from haihe.city.service import City
from haihe.web.part import Part

__all__ = ["part"]


def part(city: City) -> Part:
    """Give the city's page and its figures as JSON."""
    return Part(
        "city",
        handlers=(*pages.HANDLERS, *api.HANDLERS),
        templates=pages.TEMPLATES,
        static=pages.STATIC,
        dependencies={"city": city, "drawn": pages.Drawn()},
    )
