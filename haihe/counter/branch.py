"""A branch: what a sector's folder hands to `app.py`, and the ground that it stands on.

A sector is added by its folder and one line in `app.py`'s list: a function that takes the ground and gives its branch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from haihe.base.foundation import Foundation
from haihe.base.jobs import Periodic
from haihe.catalogue.model import Service
from haihe.catalogue.service import Catalogue, build_catalogue
from haihe.codes.model import Sticker
from haihe.codes.service import Stickers
from haihe.counter.model import Counter
from haihe.counter.service import Terminals
from haihe.organisations.console import ConsolePage
from haihe.organisations.service import Organisations, build_organisations
from haihe.payments.dues.service import Dues, build_dues
from haihe.payments.model import Payment
from haihe.payments.sector import Sector
from haihe.people.model import Citizen
from haihe.people.service import People
from haihe.wallet.purses.service import Purses, build_purses
from haihe.web.part import Part


@dataclass(frozen=True)
class Ground:
    """The services of the parts below the sectors. Pages ask for `payments` by name, as every handler may."""

    base: Foundation
    organisations: Organisations
    people: People
    purses: Purses
    catalogue: Catalogue
    dues: Dues
    stickers: Stickers
    terminals: Terminals

    async def reload(self) -> None:
        """Read everything anew that these parts keep in memory of the catalogue."""
        await self.organisations.reload()
        await self.purses.reload()
        await self.catalogue.reload()


@dataclass(frozen=True)
class Founding:
    """What a sector founds its part of the demo city with. It may be interrupted anywhere and is then repeated as a whole.

    `folder` holds the city's data (demo/tianjin); `citizens` are all of the demo, in the order of their making: the first
    `reserved` ones are for trying things out, and nothing at all may move their money. `password` derives a login's password.
    """

    folder: Path
    citizens: Sequence[Citizen]
    reserved: int
    password: Callable[[str], str]
    now: datetime
    say: Callable[[str], None] = lambda _: None


def make_ground(
    base: Foundation,
    people: People,
    *,
    base_url: str,
    learn: Callable[[Sticker], Awaitable[None]] | None = None,
) -> Ground:
    """Put the ground together; `base_url` stands in what is printed, `learn` hears of stickers that other processes have made."""
    return Ground(
        base=base,
        organisations=build_organisations(base),
        people=people,
        purses=build_purses(base),
        catalogue=build_catalogue(base),
        dues=build_dues(base),
        stickers=Stickers(base.database, base.clock, base_url, learn),
        terminals=Terminals(base.database, base.clock, base.ids, base.tokens, base_url),
    )


async def _nothing() -> None:
    """Keep nothing in memory."""


async def _found_nothing(founding: Founding) -> None:
    """Have no part in the demo city."""


async def _learn_nothing(sticker: Sticker) -> None:
    """Know all that a new sticker may be fixed to."""


def _remember_nothing(bucket: int, payments: Sequence[Payment]) -> None:
    """Keep nothing of what was paid."""


@dataclass(frozen=True)
class Branch:
    """A sector as the city collects it.

    `trades` are the kinds of things that can be paid, `counters` its kinds of terminals, by name. `reload` reads
    again what is kept in memory of the catalogue, `learn` hears of a sticker that another process has made, `remember` of every
    batch after its commit. `found` makes its part of the demo city. `service_links` says, by the catalogue's word for the
    sector, at which address a service of it is paid ("" where only its till or sticker can): the search leads there.
    """

    part: Part
    trades: Sequence[Sector] = ()
    console_pages: Sequence[ConsolePage] = ()
    counters: Mapping[str, Counter] = field(default_factory=dict)
    jobs: Sequence[Periodic] = ()
    reload: Callable[[], Awaitable[None]] = _nothing
    learn: Callable[[Sticker], Awaitable[None]] = _learn_nothing
    remember: Callable[[int, Sequence[Payment]], None] = _remember_nothing
    found: Callable[[Founding], Awaitable[None]] = _found_nothing
    service_links: Mapping[str, Callable[[Service], str]] = field(default_factory=dict)


def trades_of(branches: Sequence[Branch]) -> dict[str, Sector]:
    """Give everything that can be paid, by kind."""
    return {trade.kind: trade for branch in branches for trade in branch.trades}


def service_links_of(branches: Sequence[Branch]) -> dict[str, Callable[[Service], str]]:
    """Give where services are paid, by the catalogue's word for their sector."""
    return {sector: link for branch in branches for sector, link in branch.service_links.items()}
