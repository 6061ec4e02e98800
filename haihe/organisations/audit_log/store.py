"""All SQL of the audit log's seal and of its page; the rows themselves are written by `haihe.base.audit`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from haihe.base.audit import Written, written
from haihe.base.database import Connection, one

SEAL_LOCK: Final = 0x61756469
"""Advisory lock of the one sealer of the audit log ("audi" in ASCII)."""

_PAGE: Final = """
SELECT number, at, actor_kind, actor, organisation, subject, action, outcome, details
FROM audit
WHERE number < %(before)s AND {conditions}
ORDER BY number DESC
LIMIT %(limit)s
"""


class Newest(NamedTuple):
    """The newest checkpoint: how far it covers, and its note."""

    number: int
    row: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What of the log is asked for; None and empty: everything."""

    organisation: int | None = None
    action: str = ""
    actor: int | None = None
    since: datetime | None = None
    until: datetime | None = None


async def try_lock(connection: Connection) -> bool:
    """Become the one sealer for the rest of the transaction, unless somebody is."""
    row = await (await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (SEAL_LOCK,))).fetchone()
    return bool(one(row)[0])


async def head(connection: Connection) -> tuple[int, bytes]:
    """Give the number and hash of the log's newest row."""
    number, digest = one(await (await connection.execute("SELECT number, hash FROM audit_head")).fetchone())
    return number, bytes(digest)


async def newest(connection: Connection) -> Newest | None:
    """Give the newest checkpoint."""
    query = "SELECT number, row, note FROM audit_checkpoints ORDER BY number DESC LIMIT 1"
    row = await (await connection.execute(query)).fetchone()
    return Newest(*row) if row else None


async def add(connection: Connection, number: int, row: int, digest: bytes, note: str, *, at: datetime) -> None:
    """Store a checkpoint."""
    await connection.execute(
        "INSERT INTO audit_checkpoints (number, sealed_at, row, hash, note) VALUES (%s, %s, %s, %s, %s)",
        (number, at, row, digest, note),
    )


async def page(connection: Connection, wish: Wish, *, before: int, limit: int) -> list[Written]:
    """Read the newest rows below a number that fit a wish."""
    conditions = {
        "organisation": "organisation = %(organisation)s",
        "action": "action = %(action)s",
        "actor": "actor = %(actor)s",
        "since": "at >= %(since)s",
        "until": "at < %(until)s",
    }
    values = {name: value for name in conditions if (value := getattr(wish, name)) not in {None, ""}}
    where = " AND ".join(conditions[name] for name in values) or "true"
    query = _PAGE.format(conditions=where)
    cursor = await connection.execute(query.encode(), {**values, "before": before, "limit": limit})
    return [written(row) for row in await cursor.fetchall()]


async def actions(connection: Connection) -> list[str]:
    """List the actions that the log knows, by walking the index from one to the next."""
    query = """
    WITH RECURSIVE found AS (
        (SELECT action FROM audit ORDER BY action LIMIT 1)
        UNION ALL
        SELECT (SELECT a.action FROM audit a WHERE a.action > f.action ORDER BY a.action LIMIT 1)
        FROM found f
        WHERE f.action IS NOT NULL
    )
    SELECT action FROM found WHERE action IS NOT NULL
    """
    return [row[0] for row in await (await connection.execute(query)).fetchall()]
