"""The services that commands work with beside or without a running city: the ground that sectors stand on, the sectors, buses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from haihe.base.clock import Clock, SystemClock
from haihe.base.database import claimed_node, open_database
from haihe.base.foundation import Foundation
from haihe.base.home import Secrets
from haihe.base.ids import Ids
from haihe.base.revocations import Revocations
from haihe.base.tokens import Tokens
from haihe.base.vault import city_vault
from haihe.codes.service import Stickers
from haihe.counter.branch import Branch, Ground, make_ground
from haihe.counter.service import Terminals
from haihe.organisations.service import Organisations
from haihe.outside.http import Unreachable
from haihe.outside.registry import Answer
from haihe.people.model import PeopleRules
from haihe.people.service import build_people
from haihe.sectors.transit.catalogue import Catalogue

CONNECTIONS_MAX: Final = 4
"""A command leaves the connections to the city."""

MakeBranch = Callable[[Ground], Branch]


@dataclass(frozen=True)
class Nobody:
    """Stands for the world outside where commands found people: who is founded was checked elsewhere."""

    async def check(self, *, name: str, id_number: str) -> Answer:  # noqa: ARG002 - the connector's shape
        """Give no answer."""
        raise Unreachable

    async def send(self, phone: str, *, text: str, code: str) -> None:  # noqa: ARG002 - the connector's shape
        """Send nothing."""
        raise Unreachable


@dataclass(frozen=True)
class Offices:
    """The services of one command, over one database; `catalogue` is the bus's."""

    ground: Ground
    catalogue: Catalogue
    branches: Sequence[Branch] = ()

    @property
    def base(self) -> Foundation:
        """Database, clock, ids and keys."""
        return self.ground.base

    @property
    def organisations(self) -> Organisations:
        """The city's organisations."""
        return self.ground.organisations

    @property
    def stickers(self) -> Stickers:
        """The city's stickers."""
        return self.ground.stickers

    @property
    def terminals(self) -> Terminals:
        """The city's terminals."""
        return self.ground.terminals

    async def reload(self) -> None:
        """Read everything that is kept in memory anew."""
        await self.ground.reload()
        await self.catalogue.reload()
        for branch in self.branches:
            await branch.reload()
        await self.stickers.reload()


def build_offices(base: Foundation, *, base_url: str, sectors: Sequence[MakeBranch] = ()) -> Offices:
    """Put the services together over what they stand on."""
    people = build_people(base, registry=Nobody(), sms=Nobody(), settings=PeopleRules())
    ground = make_ground(base, people, base_url=base_url)
    return Offices(ground, Catalogue(base.database), [make(ground) for make in sectors])


@asynccontextmanager
async def open_offices(
    app_dsn: str,
    *,
    secrets: Secrets,
    base_url: str,
    sectors: Sequence[MakeBranch] = (),
    clock: Clock | None = None,
) -> AsyncIterator[Offices]:
    """Open the services as the restricted role, with a node number of their own as long as they are open."""
    clock = clock or SystemClock()
    with claimed_node(app_dsn) as node:
        async with open_database(app_dsn, connections_max=CONNECTIONS_MAX) as database:
            base = Foundation(
                database=database,
                clock=clock,
                ids=Ids(clock, node=node),
                vault=city_vault(secrets),
                tokens=Tokens(secrets.token_key),
                revocations=Revocations(database),
            )
            offices = build_offices(base, base_url=base_url, sectors=sectors)
            await offices.reload()
            yield offices
