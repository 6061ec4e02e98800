"""A catalogue on a fresh database with two organisations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from haihe.base.clock import TurnableClock
from haihe.base.database import Database
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.revocations import Revocations
from haihe.base.tokens import Tokens
from haihe.base.vault import Vault
from haihe.catalogue.service import Catalogue, build_catalogue
from haihe.organisations.model import FoundingOrganisation
from haihe.organisations.service import build_organisations


@dataclass(frozen=True)
class Shop:
    """Two organisations and the catalogue of one process; `another` is that of a second."""

    base: Foundation
    catalogue: Catalogue
    power: int
    school: int

    def another(self) -> Catalogue:
        return build_catalogue(self.base)

    async def version(self) -> int:
        async with self.base.database.connection() as connection:
            row = await (await connection.execute("SELECT number FROM versions WHERE name = 'catalogue'")).fetchone()
        assert row
        return int(row[0])


@pytest.fixture
async def shop(database_pool: Database) -> Shop:
    clock = TurnableClock(datetime(2017, 9, 1, tzinfo=UTC))
    vault = Vault(vault_key=b"v" * 32, search_key=b"s" * 32)
    revocations = Revocations(database_pool)
    base = Foundation(database_pool, clock, Ids(clock, node=1), vault, Tokens(b"t" * 32), revocations)
    power, school = await build_organisations(base).found(
        [
            FoundingOrganisation(key="power", names={"en": "Power"}, kind="utility"),
            FoundingOrganisation(key="school", names={"en": "School"}, kind="campus"),
        ]
    )
    return Shop(base, build_catalogue(base), power.id, school.id)
