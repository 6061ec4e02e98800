"""Rotating the vault key: every data key is wrapped anew, and the former vault key destroyed.

What a copy of the database from before holds opens to nobody then who has not a copy of the home from before, too: so erasures reach old
copies. It goes on where it was interrupted: the home keeps both keys until the last data key is wrapped anew.
"""

from __future__ import annotations

import psycopg

from haihe.base.home import Home
from haihe.base.vault import Vault, city_vault
from haihe.ops import rotation_store as store


def rotate(home: Home, owner_dsn: str) -> int:
    """Give a city that does not run a new vault key; give how many data keys were wrapped anew."""
    if not home.secrets().former_vault_key:
        home.keep_secrets(home.secrets().with_fresh_vault_key())
    vault = city_vault(home.secrets())
    with psycopg.connect(owner_dsn) as connection:
        wrapped = sum(_wrap_all(connection, vault, place) for place in store.WRAPPED)
    home.keep_secrets(home.secrets().without_former())
    return wrapped


def _wrap_all(connection: store.Connection, vault: Vault, place: tuple[str, str, str]) -> int:
    """Wrap a table's keys anew, a piece and a transaction at a time."""
    after, wrapped, more = 0, 0, True
    while more:
        with connection.transaction():
            found = store.some(connection, place, after)
            store.put(connection, place, [(owner, vault.wrapped_anew(key, owner)) for owner, key in found])
        wrapped, more = wrapped + len(found), bool(found)
        after = found[-1][0] if found else after
    return wrapped
