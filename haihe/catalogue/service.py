"""The catalogue in memory: what is offered, on which terms, and how it is founded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from haihe.base.clock import Clock, service_day
from haihe.base.database import Connection, Database
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.catalogue import finding, rules, store
from haihe.catalogue.model import ClosedNow, NewService, NotOffered, Service, ServiceUnknown, Terms
from haihe.catalogue.prices import PriceFaultyError
from haihe.web.svg import ICONS

FOUND_MAX: Final = 50
OPENING_DAYS_MAX: Final = 8
"""So far ahead the next opening is looked for: hours repeat by the week."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of the catalogue; never changed, only replaced."""

    services: Mapping[int, Service] = field(default_factory=dict)
    by_key: Mapping[tuple[int, str], Service] = field(default_factory=dict)
    terms: Mapping[int, Sequence[Terms]] = field(default_factory=dict)
    entries: Sequence[finding.Entry] = ()


@dataclass(slots=True)
class Memory:
    """Holds the newest snapshot."""

    now: Snapshot = field(default_factory=Snapshot)


@dataclass(frozen=True)
class Catalogue:
    """The city's services. `reload` fills the memory, at start and when the version `catalogue` changed."""

    database: Database
    clock: Clock
    ids: Ids
    memory: Memory = field(default_factory=Memory, repr=False)

    async def reload(self) -> None:
        """Read everything anew, and replace it whole."""
        async with self.database.connection() as connection:
            self.memory.now = await _read(connection)

    # --- services

    def by_id(self, identity: int) -> Service:
        """Give a service. Raises `ServiceUnknown`."""
        found = self.memory.now.services.get(identity)
        if found is None:
            raise ServiceUnknown
        return found

    def by_key(self, organisation: int, key: str) -> Service | None:
        """Find a service of an organisation by its key."""
        return self.memory.now.by_key.get((organisation, key))

    def of_organisation(self, organisation: int) -> list[Service]:
        """Give an organisation's services in the order in which they were made."""
        return [one for one in self.memory.now.services.values() if one.organisation == organisation]

    def groups(self, *, sector: str | None = None, organisation: int | None = None) -> dict[str, list[Service]]:
        """Give services by group, of a sector, of an organisation or both; groups and services in the order in which they were made."""
        groups: dict[str, list[Service]] = {}
        for one in self.memory.now.services.values():
            if sector in {None, one.sector} and organisation in {None, one.organisation}:
                groups.setdefault(one.group, []).append(one)
        return groups

    def search(self, text: str, language: str, *, limit: int = FOUND_MAX, sector: str | None = None) -> list[Service]:
        """Find services by words in any of their names or their key, the best first."""
        entries = [one for one in self.memory.now.entries if sector in {None, one.service.sector}]
        return finding.find(entries, text, language)[:limit]

    # --- terms

    def terms(self, service: int, day: date) -> Terms:
        """Give the terms that hold on a service day. Raises `ServiceUnknown`, `NotOffered`."""
        self.by_id(service)
        found = rules.terms_on(self.memory.now.terms.get(service, ()), day)
        if found is None:
            raise NotOffered
        return found

    def open_terms(self, service: int, at: datetime) -> Terms:
        """Give the terms of a service that is open at a moment. Raises `ServiceUnknown`, `NotOffered`, `ClosedNow`."""
        found = self.terms(service, service_day(at))
        if rules.is_open(found.opens, at):
            return found
        opens_at = self._next_opening(service, after=at)
        raise ClosedNow(**({} if opens_at is None else {"opens_at": opens_at}))

    def _next_opening(self, service: int, *, after: datetime) -> datetime | None:
        """Look day by day, since the terms may change until then."""
        for days in range(OPENING_DAYS_MAX):
            day = service_day(after) + timedelta(days=days)
            terms = rules.terms_on(self.memory.now.terms.get(service, ()), day)
            opening = terms and rules.first_opening(terms.opens, day, after=after)
            if opening:
                return opening
        return None

    # --- founding

    async def found(self, organisation: int, services: Sequence[NewService]) -> list[Service]:
        """Make an organisation's services, or bring them up to date, and add their terms; give them in order.

        May be repeated. Raises `PriceFaultyError`, and then nothing has changed: for what is no price, for an unknown icon, and for
        terms that are there already with other content, as somebody may have paid by them.
        """
        rules.check_services(services)
        _check_icons(services)
        fresh = [
            Service(identity, organisation, one.key, one.sector, one.group, dict(one.names), one.icon)
            for identity, one in zip(self.ids.take(len(services)), services, strict=True)
        ]
        async with self.database.transaction() as connection:
            await store.lock_catalogue(connection)
            changed = await store.put_services(connection, fresh, self.clock.now())
            stored = await _read(connection)
            _check_sectors(fresh, stored)
            if terms := _missing_terms(organisation, services, stored):
                await store.insert_terms(connection, terms, self.clock.now())
            if changed or terms:
                await store.bump_catalogue(connection)
        await self.reload()
        return [self.memory.now.by_key[organisation, one.key] for one in services]


async def _read(connection: Connection) -> Snapshot:
    """Read terms first: whatever service they name is then already there."""
    terms: dict[int, list[Terms]] = {}
    for one in await store.terms(connection):
        terms.setdefault(one.service, []).append(one)
    services = await store.services(connection)
    return Snapshot(
        services={one.id: one for one in services},
        by_key={(one.organisation, one.key): one for one in services},
        terms=terms,
        entries=[finding.entry(one) for one in services],
    )


def _missing_terms(organisation: int, services: Sequence[NewService], stored: Snapshot) -> list[Terms]:
    missing = []
    for service in services:
        identity = stored.by_key[organisation, service.key].id
        known = {one.valid_from: one for one in stored.terms.get(identity, ())}
        for terms in (one.of(identity) for one in service.terms):
            if known.get(terms.valid_from, terms) != terms:
                raise PriceFaultyError(f"{service.key}: already has other terms from {terms.valid_from}")
            if terms.valid_from not in known:
                missing.append(terms)
    return missing


def _check_sectors(services: Sequence[Service], stored: Snapshot) -> None:
    for one in services:
        sector = stored.by_key[one.organisation, one.key].sector
        if sector != one.sector:
            raise PriceFaultyError(f"{one.key}: already belongs to the sector {sector}")


def _check_icons(services: Sequence[NewService]) -> None:
    """Look for them now: a page cannot draw what is not there."""
    for one in services:
        if not rules.KEY.fullmatch(one.icon) or not (ICONS / f"{one.icon}.svg").exists():
            raise PriceFaultyError(f"{one.key}: there is no icon {one.icon!r}")


def build_catalogue(base: Foundation) -> Catalogue:
    """Put the service together; `reload` it before use."""
    return Catalogue(base.database, base.clock, base.ids)
