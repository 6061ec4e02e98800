"""Citizens: who they are, how they sign in, what may be shown of them.

Owns: citizens, one-time codes, passcodes, sessions; registration asks the population registry through `outside` and opens the
wallet's account in the ledger. Never: moves money, keeps personal data in the clear, tells a stranger who is registered.
Calls base, web, ledger and outside.
"""

from __future__ import annotations

from pathlib import Path

from haihe.base.jobs import Periodic
from haihe.base.throttle import Limits
from haihe.people import api, profile_pages, register_pages, sign_in_pages
from haihe.people.held_store import HOLDINGS
from haihe.people.service import People
from haihe.web.part import Part

__all__ = ["jobs", "part"]


def part(people: People, *, limits: Limits) -> Part:
    """Give the pages and the API of people; `limits` are asked for by the other doors too."""
    return Part(
        "people",
        handlers=(*api.HANDLERS, *sign_in_pages.HANDLERS, *register_pages.HANDLERS, *profile_pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"people": people, "limits": limits},
        holdings=HOLDINGS,
    )


def jobs(people: People) -> list[Periodic]:
    """Give the work that runs beside the city: forgetting codes and ended sessions that have expired."""
    return [Periodic("people.forget_expired", "people", "17 * * * *", people.forget_expired)]
