"""The city's figures: computed from the tallies when somebody asks, at most once a second, however many ask."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Final

from haihe.base.clock import Clock, service_day
from haihe.base.database import Connection, Database
from haihe.city import store
from haihe.city.model import HOURS, About, Figures, Milestone, Progress, SectorFigures, Spans
from haihe.city.programme import progress, read_about, read_programme, same_day_last_year
from haihe.city.store import KindYears
from haihe.ledger.service import bucket_count
from haihe.payments.sector import Sector
from haihe.payments.tallies import Tallies

FRESH_S: Final = 1.0
"""So long figures are told again instead of computed anew."""
REST_FACTOR: Final = 20
"""After computing them a process rests so many times as long: it never spends more than a twentieth of its time on them."""


@dataclass
class _Told:
    """The figures that were computed last, and until when they are told."""

    figures: Figures | None = None
    until_s: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True)
class City:
    """What the whole city does. `sectors` by their number."""

    database: Database
    clock: Clock
    tallies: Tallies
    sectors: Sequence[Sector]
    about: About
    milestones: Sequence[Milestone]
    fresh_s: float = FRESH_S
    _told: _Told = field(default_factory=_Told, repr=False)

    async def figures(self) -> Figures:
        """Give the figures, as of no longer than about a second ago. Raises `TryAgain` when the database is away."""
        async with self._told.lock:
            if self._told.figures is None or monotonic() >= self._told.until_s:
                began = monotonic()
                self._told.figures = await self._compute()
                rest_s = max(self.fresh_s, (monotonic() - began) * REST_FACTOR) if self.fresh_s else 0.0
                self._told.until_s = monotonic() + rest_s
            return self._told.figures

    async def _compute(self) -> Figures:
        """Compute everything in one snapshot, after the newest payments were added up."""
        await self.tallies.catch_up()
        now = self.clock.now()
        today = service_day(now)
        async with self.database.transaction() as connection:
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            buckets = range(await bucket_count(connection))
            same_day = same_day_last_year(today)
            years = await store.years(connection, buckets, today=today, same_day=same_day)
            hours = await store.hours(connection, buckets, today)
            registered = await store.registered(connection)
            sectors = [_sector(one, years.get(one.number, KindYears()), hours) for one in self._known()]
            reader = _Reader(connection, buckets, registered, {one.kind: one for one in sectors})
            return Figures(
                at=now,
                today=today,
                same_day=same_day,
                about=self.about,
                registered=registered,
                amount=_together([one.amount for one in years.values()]),
                refunded=await store.refunded(connection, buckets, today=today, same_day=same_day),
                sectors=sectors,
                milestones=[await reader.progress(one, today=today) for one in self.milestones],
                has_synthetic=await store.has_past(connection),
            )

    def _known(self) -> list[Sector]:
        return sorted(self.sectors, key=lambda one: one.number)


@dataclass(frozen=True)
class _Reader:
    """Measures milestones inside one snapshot."""

    connection: Connection
    buckets: Sequence[int]
    registered: int
    sectors: Mapping[str, SectorFigures]

    async def progress(self, milestone: Milestone, *, today: date) -> Progress:
        return progress(milestone, await self._measure(milestone), today=today)

    async def _measure(self, milestone: Milestone) -> int:
        match milestone.measure:
            case "registered":
                return self.registered
            case "payers":
                return self.sectors[milestone.of].payers.this_year if milestone.of in self.sectors else 0
            case "payments":
                return self.sectors[milestone.of].payments.this_year if milestone.of in self.sectors else 0
            case "organisations":
                return await store.paid_organisations(self.connection, self.buckets, milestone.of)
            case "services":
                return await store.services(self.connection, milestone.of)
            case _:
                return await store.stickers_percent(self.connection)


def _sector(sector: Sector, years: KindYears, hours: Mapping[tuple[int, int], int]) -> SectorFigures:
    return SectorFigures(
        kind=sector.kind,
        number=sector.number,
        title=sector.title,
        icon=sector.icon,
        payers=years.payers,
        payments=years.payments,
        hours=[hours.get((sector.number, hour), 0) for hour in HOURS],
    )


def _together(many: Sequence[Spans]) -> Spans:
    return Spans(
        sum(one.this_year for one in many), sum(one.to_same_day for one in many), sum(one.last_year for one in many)
    )


def build_city(
    database: Database,
    clock: Clock,
    tallies: Tallies,
    sectors: Sequence[Sector],
    *,
    folder: Path,
    fresh_s: float = FRESH_S,
) -> City:
    """Put the service together; `folder` holds city.toml and programme.toml."""
    return City(database, clock, tallies, sectors, read_about(folder), read_programme(folder), fresh_s=fresh_s)
