"""A new vault key: everybody's data opens as before, and nothing opens by the former one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from haihe.app import SECTORS
from haihe.base.errors import BrokenInvariantError
from haihe.base.home import Home
from haihe.base.vault import Vault, city_vault
from haihe.ops import rotation_store
from haihe.ops.rotation import rotate
from haihe.people import store
from haihe.people.records import Records
from tests.grounds import SectorCity, open_ground
from tests.held import byte_values

FORMER, SEARCH = b"v" * 32, b"s" * 32


async def names(city: SectorCity, vault: Vault, ids: list[int]) -> list[str]:
    async with city.database.connection() as connection:
        return sorted(Records(vault).open(row).name for row in await store.citizens_by_ids(connection, ids))


async def test_rotation_that_was_killed_goes_on_and_leaves_nothing_to_the_former_key(
    database, tmp_path: Path, monkeypatch
):
    home = Home(tmp_path / "home").create()
    home.keep_secrets(replace(home.secrets(), vault_key=FORMER, search_key=SEARCH))
    async with open_ground(database, *SECTORS) as city:
        citizens = await city.register(12)
        await city.found(citizens)
        ids = [one.id for one in citizens]
        before = sorted(one.name for one in citizens)

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(rotation_store, "ROWS_AT_ONCE", 5)
        with monkeypatch.context() as patched:
            patched.setattr(rotation_store, "WRAPPED", rotation_store.WRAPPED[:1])
            patched.setattr(
                Home,
                "keep_secrets",
                lambda home, changed: (
                    Home.write_private(home, "secrets.json", changed.to_text())
                    if changed.former_vault_key
                    else killed()
                ),
            )
            with pytest.raises(KeyboardInterrupt):
                rotate(home, database.owner_dsn)
        assert home.secrets().former_vault_key == FORMER
        assert await names(city, city_vault(home.secrets()), ids) == before

        assert rotate(home, database.owner_dsn) > len(citizens)
        assert home.secrets().former_vault_key == b""
        assert await names(city, city_vault(home.secrets()), ids) == before
        with psycopg.connect(database.owner_dsn) as connection:
            owners = [
                row[0]
                for table, owner, _ in rotation_store.WRAPPED
                for row in connection.execute(f"SELECT {owner} FROM {table}")
            ]
        old = Vault(vault_key=FORMER, search_key=SEARCH)
        keys = set(byte_values(database.owner_dsn))
        for owner in owners[:20]:
            for key in keys:
                with pytest.raises(BrokenInvariantError):
                    old.unlock(key, owner)
