"""A person's rights over what the city holds about them: see who looked, take all of it along, have it destroyed.

Owns: the pages of access, export and erasure. Never: knows what other parts hold, that they say themselves (`Part.holdings`), or destroys
what moved money: the books stay whole, without anybody's name. Calls base, web, the ledger and people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from haihe.base.foundation import Foundation
from haihe.base.i18n import N_
from haihe.people.privacy import access_pages, erase_pages, export_pages
from haihe.people.privacy.access import AccessLog
from haihe.people.privacy.erasing import Erasure
from haihe.people.privacy.exporting import Exports
from haihe.people.service import People
from haihe.web.part import Link, Part

__all__ = ["part"]


def part(base: Foundation, people: People, *, parts: Sequence[Part], name_of: Callable[[int, str], str]) -> Part:
    """Give the pages of a person's rights over what `parts` hold; `name_of` names an organisation in a language."""
    holdings = [holding for one in parts for holding in one.holdings]
    return Part(
        "privacy",
        handlers=(*access_pages.HANDLERS, *export_pages.HANDLERS, *erase_pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={
            "access_log": AccessLog(base.database, name_of),
            "exports": Exports(base.database, base.clock, base.vault, people, holdings),
            "erasure": Erasure(base.database, base.clock, people, base.revocations, holdings),
        },
        settings=(
            Link("/me/access", "eye", N_("Who looked at my data")),
            Link("/me/export", "download", N_("Take my data along")),
            Link("/me/erase", "trash-2", N_("Erase me")),
        ),
    )
