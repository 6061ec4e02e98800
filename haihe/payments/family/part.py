"""What families add to the city: their services, pages, API and the work of every morning."""

from __future__ import annotations

from pathlib import Path

from haihe.base.foundation import Foundation
from haihe.base.i18n import N_
from haihe.base.jobs import Periodic
from haihe.payments.family import acting_pages, api, child_pages, pages
from haihe.payments.family.acting import Acting
from haihe.payments.family.page_parts import House
from haihe.people.family.children import Children
from haihe.people.family.service import build_families
from haihe.people.freezing.service import build_freezing
from haihe.people.service import People
from haihe.wallet.family.service import Allowances
from haihe.wallet.sending.service import Sendings
from haihe.web.part import Link, Part

GROWN_UP_CRON = "5 1,9,17 * * *"
"""Three times a day, once of them soon after midnight wherever the city is: who comes of age is free on the day."""


def build_house(base: Foundation, *, people: People, sendings: Sendings) -> House:
    """Put the services together."""
    families = build_families(base, people)
    children = Children(families, base.vault)
    return House(families, children, Allowances(children, sendings, build_freezing(base, people)), Acting(families))


def part(house: House) -> Part:
    """Give the pages and the API of families; `payments`, `people` and `limits` come from other parts."""
    return Part(
        "family",
        handlers=(*api.HANDLERS, *pages.HANDLERS, *child_pages.HANDLERS, *acting_pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"house": house},
        settings=(Link("/family", "users", N_("Family and helpers")),),
    )


def jobs(house: House) -> list[Periodic]:
    """Give the work that runs beside the city: ending the care of those who have come of age."""
    return [Periodic("family.end_grown_up", "people", GROWN_UP_CRON, house.allowances.end_grown_up)]
