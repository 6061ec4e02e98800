"""Notices: what happened, told to the person whom it concerns, in this person's language.

Owns: the inbox, what is told live and by short message, and who chose what. Never: says what did not stand in the outbox, keeps a text, or
holds up what it tells of. Calls base, web, outside, people and organisations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from haihe.base.i18n import N_
from haihe.base.jobs import Periodic
from haihe.notices import api, pages
from haihe.notices.held_store import HOLDINGS
from haihe.notices.service import Notices
from haihe.web.part import Link, Part

__all__ = ["jobs", "part"]

HERE: Final = Path(__file__).parent
FORGET_CRON: Final = "41 19 * * *"
"""Once a day, at 3:41 in the city."""


def part(notices: Notices) -> Part:
    """Give the inbox, the choices and the API of notices."""
    return Part(
        "notices",
        handlers=(*api.HANDLERS, *pages.HANDLERS),
        templates=HERE / "templates",
        static=HERE / "static",
        dependencies={"notices": notices},
        settings=(Link("/me/notices", "bell", N_("Notices")),),
        holdings=HOLDINGS,
    )


def jobs(notices: Notices) -> list[Periodic]:
    """Give the work that runs beside the city: forgetting what is older than a year."""
    return [Periodic("notices.forget_old", "notices", FORGET_CRON, notices.forget_old)]
