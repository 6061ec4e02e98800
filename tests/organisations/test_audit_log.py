"""Whoever owns the database changes the audit log as he likes: everything is found, and the row is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from haihe.base import audit
from haihe.base.audit import Actor, Deed
from haihe.base.database import Database
from haihe.base.notes import NoteForged, Signer
from haihe.ops.verify import verify
from haihe.organisations.audit_log import store
from haihe.organisations.audit_log.checkpoint import AuditCheckpoint
from haihe.organisations.audit_log.store import Wish
from tests.organisations.staffed import SIGNER, StaffedCity, staffed_city

TABLES = ("audit", "audit_head", "audit_checkpoints")
COLUMNS = "number, at, actor, organisation, subject, actor_kind, action, outcome, details, hash"
CHAIN_ANEW = """
DO $$
DECLARE one audit%ROWTYPE; before bytea := decode(repeat('00', 32), 'hex');
BEGIN
    FOR one IN SELECT * FROM audit ORDER BY number LOOP
        before := audit_hash(before, one.number, one.at, one.actor_kind, one.actor, one.organisation, one.subject,
                             one.action, one.outcome, one.details);
        UPDATE audit SET hash = before WHERE number = one.number;
    END LOOP;
    UPDATE audit_head SET number = (SELECT max(number) FROM audit), hash = before;
END $$
"""


@pytest.fixture
async def staffed(database_pool: Database) -> StaffedCity:
    """Nine rows: checkpoints after row 3 and row 7."""
    city = await staffed_city(database_pool)
    sealer = city.staffing.sealer
    assert await sealer.seal() is None
    for number in range(1, 10):
        deed = Deed(action="person_seen", actor=Actor.STAFF, actor_id=number, organisation=7, details={"why": "Ж\"'\\"})
        await city.base.audit.note(deed)
        city.clock.turn(timedelta(seconds=1))
        if number in (3, 7):
            assert await sealer.seal()
            assert await sealer.seal() is None, "nothing grew"
    return city


def found(owner_dsn: str) -> str:
    verified = verify(owner_dsn, verifier_key=SIGNER.verifier_key)
    return "\n".join(f"{one.check}: {one.text}" for one in verified.findings)


@contextmanager
def tampered(owner_dsn: str, *statements: str) -> Iterator[None]:
    """Change what is stored, and put everything back afterwards."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(f"CREATE TABLE saved_{table} AS SELECT * FROM {table}".encode())
        try:
            for statement in statements:
                assert connection.execute(statement.encode()).rowcount, statement
            yield
        finally:
            for table in TABLES:
                connection.execute(f"TRUNCATE {table}".encode())
                connection.execute(f"INSERT INTO {table} SELECT * FROM saved_{table}".encode())
                connection.execute(f"DROP TABLE saved_{table}".encode())


async def test_every_change_of_the_log_is_named(staffed: StaffedCity, owner_dsn: str):
    assert found(owner_dsn) == ""
    changes = {
        "at": "at + interval '1 us'", "actor": "actor + 1", "organisation": "8", "subject": "5", "actor_kind": "1",
        "action": "'person_found'", "outcome": "'not_allowed'", "details": "'{}'", "hash": "sha256('x')",
    }  # fmt: skip
    for column, value in changes.items():
        with tampered(owner_dsn, f"UPDATE audit SET {column} = {value} WHERE number = 5"):
            assert "row 5 does not match its seal" in found(owner_dsn), column
    with tampered(owner_dsn, "DELETE FROM audit WHERE number = 5"):
        assert "missing before row 6 is row 5" in found(owner_dsn)
    with tampered(owner_dsn, "DELETE FROM audit WHERE number IN (5, 6)"):
        assert "missing before row 7 is row 5 to 6" in found(owner_dsn)
    with tampered(owner_dsn, "DELETE FROM audit WHERE number = 9"):
        assert "the log ends with row 8" in found(owner_dsn)
    with tampered(owner_dsn, "UPDATE audit SET number = 20 - number WHERE number IN (5, 6)"):
        assert "missing before row 7 is row 5 to 6" in found(owner_dsn)
    inserted = "INSERT INTO audit SELECT 10, at, actor, organisation, subject, actor_kind, action, outcome, details, hash FROM audit WHERE number = 5"
    with tampered(owner_dsn, inserted):
        assert "row 10 does not match its seal" in found(owner_dsn)
    swapped = "UPDATE audit a SET actor = b.actor FROM audit b WHERE a.number IN (5, 6) AND b.number = 11 - a.number"
    with tampered(owner_dsn, swapped):
        assert "row 5 does not match" in found(owner_dsn)
        assert "row 6 does not match" in found(owner_dsn)
    assert found(owner_dsn) == ""


async def test_forger_who_computes_all_hashes_anew_is_caught_by_the_checkpoint(staffed: StaffedCity, owner_dsn: str):
    change = "UPDATE audit SET actor = 99 WHERE number = 2"
    with tampered(owner_dsn, change, CHAIN_ANEW):
        told = found(owner_dsn)
        assert "audit.chain" not in told
        assert "checkpoint 1 of the audit log signed another row 3" in told
    with tampered(owner_dsn, "DELETE FROM audit WHERE number > 6", CHAIN_ANEW):
        assert "checkpoint 2 of the audit log signed another row 7" in found(owner_dsn)
    with tampered(owner_dsn, change, CHAIN_ANEW, "DELETE FROM audit_checkpoints WHERE number = 1"):
        assert "one is missing" in found(owner_dsn)
    async with staffed.base.database.connection() as connection:
        newest = await store.newest(connection)
        head = await store.head(connection)
    assert newest
    read = AuditCheckpoint.from_text(newest.note.rpartition("\n\n")[0] + "\n")
    assert (read.number, read.row) == (2, 7)
    forged = Signer(SIGNER.name, b"another seed of thirty-two bytes").sign(
        replace(read, row=head[0], row_hash=head[1]).to_text()
    )
    with tampered(owner_dsn, f"UPDATE audit_checkpoints SET note = '{forged}' WHERE number = 2"):
        assert "checkpoint 2 of the audit log: it is not signed by" in found(owner_dsn)
    for wrong in (
        "",
        read.to_text() + "x\n",
        read.to_text().replace("row 7", "row 07"),
        read.to_text().replace("T", " "),
    ):
        with pytest.raises(NoteForged):
            AuditCheckpoint.from_text(wrong)


async def test_application_changes_nothing_of_the_log_and_reads_it_by_page(staffed: StaffedCity, app_dsn: str):
    with psycopg.connect(app_dsn, autocommit=True) as connection:
        for table in TABLES:
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET number = 1", f"TRUNCATE {table}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
    async with staffed.base.database.connection() as connection:
        page = await store.page(connection, Wish(organisation=7), before=1 << 62, limit=4)
        rest = await store.page(connection, Wish(organisation=7), before=page[-1].number, limit=9)
        assert [one.number for one in (*page, *rest)] == list(range(9, 0, -1))
        one = await store.page(
            connection, Wish(actor=4, action="person_seen", since=page[-1].at - timedelta(days=1)), before=99, limit=9
        )
        assert [row.number for row in one] == [4]
        assert await store.page(connection, Wish(organisation=8), before=99, limit=9) == []
        assert await store.page(connection, Wish(until=rest[-1].at), before=99, limit=9) == []
        assert await store.actions(connection) == ["person_seen"]
        assert page[0].deed.outcome == audit.DONE
