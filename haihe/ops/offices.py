"""The services that commands work with beside or without a running city: organisations, stickers, terminals, buses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from haihe.base.clock import Clock, SystemClock
from haihe.base.database import claimed_node, open_database
from haihe.base.foundation import Foundation
from haihe.base.home import Secrets
from haihe.base.ids import Ids
from haihe.base.revocations import Revocations
from haihe.base.tokens import Tokens
from haihe.base.vault import Vault
from haihe.codes.service import Stickers
from haihe.counter.service import Terminals
from haihe.organisations.service import Organisations, build_organisations
from haihe.sectors.transit.catalogue import Catalogue

CONNECTIONS_MAX = 4
"""A command leaves the connections to the city."""


@dataclass(frozen=True)
class Offices:
    """The services of one command, over one database."""

    base: Foundation
    organisations: Organisations
    stickers: Stickers
    terminals: Terminals
    catalogue: Catalogue

    async def reload(self) -> None:
        """Read everything that is kept in memory anew."""
        await self.organisations.reload()
        await self.catalogue.reload()
        await self.stickers.reload()


def build_offices(base: Foundation, *, base_url: str) -> Offices:
    """Put the services together over what they stand on."""
    catalogue = Catalogue(base.database)
    return Offices(
        base=base,
        organisations=build_organisations(base),
        stickers=Stickers(base.database, base.clock, base_url),
        terminals=Terminals(base.database, base.clock, base.ids, base.tokens, base_url),
        catalogue=catalogue,
    )


@asynccontextmanager
async def open_offices(
    app_dsn: str, *, secrets: Secrets, base_url: str, clock: Clock | None = None
) -> AsyncIterator[Offices]:
    """Open the services as the restricted role, with a node number of their own as long as they are open."""
    clock = clock or SystemClock()
    with claimed_node(app_dsn) as node:
        async with open_database(app_dsn, connections_max=CONNECTIONS_MAX) as database:
            base = Foundation(
                database=database,
                clock=clock,
                ids=Ids(clock, node=node),
                vault=Vault(vault_key=secrets.vault_key, search_key=secrets.search_key),
                tokens=Tokens(secrets.token_key),
                revocations=Revocations(database),
            )
            offices = build_offices(base, base_url=base_url)
            await offices.reload()
            yield offices
