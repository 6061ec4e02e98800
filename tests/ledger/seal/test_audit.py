"""Whoever owns the database changes it as he likes: everything is found and named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from haihe.base.notes import Signer
from haihe.ledger.model import Leg, Phase, Posting, Risk, TransferKind
from haihe.ledger.seal import audit_store
from haihe.ledger.seal.checkpoint import Checkpoint
from haihe.ledger.seal.merkle import leaves_of, root_of
from haihe.ledger.seal.rows import NO_HASH, ROW_BYTES, chained, columns_of, pieces_of
from haihe.ledger.seal.sealer import Sealer
from haihe.ops.verify import Verification, verify
from tests.ledger.conftest import BUCKET, BUS, LI, NOW, WANG, Books
from tests.ledger.seal.conftest import SIGNER

KEY = SIGNER.verifier_key
TABLES = ("transfers", "batches", "heads", "batch_roots", "checkpoints", "checkpoint_spans")


def found_by(owner_dsn: str) -> Verification:
    return verify(owner_dsn, verifier_key=KEY)


def texts(found: Verification, law: str) -> str:
    return "\n".join(one.text for one in found.findings if one.check == f"ledger.{law}")


@pytest.fixture
async def history(books: Books, sealer: Sealer) -> Books:
    """Three checkpoints over batches 1, 2 to 3, and 4 to 5 of the bucket; a hold is among the transfers."""
    await sealer.catch_up(at_once=True)
    await books.post(books.posting((LI, BUS, 2_00)), books.posting((WANG, BUS, 2_00), (LI, BUS, 3_00)))
    hold = Leg(LI, BUS, 4_00, TransferKind.DEPOSIT, phase=Phase.HOLD, risk=Risk.D)
    await books.post(Posting(books.ids.next(), (hold,), NOW, subject=LI))
    await sealer.catch_up(at_once=True)
    for _ in range(2):
        await books.post(books.posting((WANG, LI, 1_00)), books.posting((LI, BUS, 1_00)))
    await sealer.catch_up(at_once=True)
    return books


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


async def test_every_column_of_a_transfer_is_sealed(history: Books, owner_dsn: str):
    assert found_by(owner_dsn).findings == ()
    changes = {
        "id": "id + 3", "debit": "debit + 1", "credit": "credit + 1", "amount": "amount + 1", "payment": "16", "names": "32",
        "effective": "effective + interval '1 us'", "posted": "posted - interval '1 us'", "previous_debit": "previous_debit + 16",
        "previous_credit": "previous_credit + 16", "kind": "2", "currency": "840", "phase": "2", "risk": "1",
        "place": "place + 9", "batch": "3", "bucket": "0",
    }  # fmt: skip
    with psycopg.connect(owner_dsn) as connection:
        columns = connection.execute(
            "SELECT array_agg(column_name::text) FROM information_schema.columns WHERE table_name = 'transfers'"
        ).fetchone()
    assert columns is not None
    assert set(columns[0]) == set(changes), "a column that is in no seal"
    for column, value in changes.items():
        change = f"UPDATE transfers SET {column} = {value} WHERE bucket = {BUCKET} AND batch = 2 AND place = 2"
        with tampered(owner_dsn, change):
            assert "batch 2 " in texts(found_by(owner_dsn), "seals"), column


@pytest.mark.parametrize("alone_max", [10**6, -1])
async def test_what_is_removed_added_or_moved_is_named(history: Books, owner_dsn: str, alone_max: int):
    swap = f"UPDATE transfers SET place = 3 - place WHERE bucket = {BUCKET} AND batch = 5"
    copy = "id + 5, debit, credit, amount, payment, names, {batch}, effective, posted, previous_debit, previous_credit, {place}, bucket, kind, currency, phase, risk"
    insert = f"INSERT INTO transfers SELECT {copy} FROM transfers WHERE bucket = {BUCKET} AND batch = 2 AND place = 3"
    remove = f"DELETE FROM transfers WHERE bucket = {BUCKET} AND batch = 2 AND place = 2"
    cases = {
        f"UPDATE transfers SET id = id + 160000 WHERE bucket = {BUCKET} AND batch = 5 AND place = 2": "stands in batch 5, which was never sealed with it",
        remove: "batch 2 has 2 transfers and says 3: missing is place 2",
        insert.format(batch="batch", place="4"): "batch 2 has 4 transfers and says 3: there should be no place 4",
        insert.format(batch="batch", place="2"): "batch 2 has 4 transfers and says 3: there should be no place 2",
        insert.format(batch="77", place="1"): "stands in batch 77, which was never sealed with it",
        swap: "batch 5 does not match its seal",
        f"DELETE FROM transfers WHERE bucket = {BUCKET} AND batch = 5": "batch 5 has 0 transfers and says 2: missing is place 1, 2",
        f"UPDATE batches SET first_id = first_id - 16 WHERE bucket = {BUCKET} AND number = 4": "batch 4 does not match its seal",
        f"UPDATE batch_roots SET root = sha256(root) WHERE bucket = {BUCKET} AND number = 4": "batch 4 does not match its root",
    }
    for statement, words in cases.items():
        with tampered(owner_dsn, statement):
            found = verify(owner_dsn, verifier_key=KEY, alone_max=alone_max)
            assert words in texts(found, "seals"), statement
            if alone_max < 0:
                break


def rewrite(connection: psycopg.Connection[Any], *, roots: bool) -> None:
    """Compute a bucket's chain anew, as a forger would who owns the database; the roots too if he thinks of them."""
    rows = dict(audit_store.rows_by_batch(connection, BUCKET))
    previous = NO_HASH
    for batch in list(audit_store.batches(connection, BUCKET)):
        columns = columns_of(pieces_of(rows.get(batch.number, b"")))
        previous = chained(previous, batch.head, columns)
        where = (previous, BUCKET, batch.number)
        connection.execute("UPDATE batches SET hash = %s WHERE bucket = %s AND number = %s", where)
        if roots:
            root = root_of(leaves_of(rows.get(batch.number, b""), ROW_BYTES))
            connection.execute("UPDATE batch_roots SET root = %s WHERE bucket = %s AND number = %s", (root, *where[1:]))
    connection.execute("UPDATE heads SET hash = %s WHERE bucket = %s", (previous, BUCKET))


@pytest.mark.parametrize("roots", [False, True])
async def test_forger_who_computes_all_hashes_anew_is_caught_by_the_checkpoint(
    history: Books, owner_dsn: str, *, roots: bool
):
    change = f"UPDATE transfers SET amount = amount + 1 WHERE bucket = {BUCKET} AND batch = 2 AND place = 2"
    with tampered(owner_dsn, change):
        with psycopg.connect(owner_dsn) as connection:
            rewrite(connection, roots=roots)
        found = found_by(owner_dsn)
    named = texts(found, "checkpoints")
    assert "checkpoint 2 signed another seal of batch 3 in bucket 2 than is stored: batch 2 or a later one" in named
    assert "checkpoint 3 signed another seal" in named
    assert "checkpoint 1" not in named
    assert texts(found, "seals").startswith("batch 2 does not match its root") is not roots
    assert len(texts(found, "seals").splitlines()) == (0 if roots else 1)
    assert "account 2000" in texts(found, "balances")


async def test_checkpoints_that_are_forged_missing_or_signed_by_another_are_named(history: Books, owner_dsn: str):
    with psycopg.connect(owner_dsn) as connection:
        note = audit_store.checkpoints(connection, 2, 2)[0].note
    text = note.partition("\n\n")[0] + "\n"
    forged = Signer(SIGNER.name, b"another key of thirty-two bytes.").sign(text)
    changed = note.replace("leaves 2", "leaves 3")
    redone = Checkpoint.from_text(changed.partition("\n\n")[0] + "\n").hash.hex()
    cases = {
        f"UPDATE checkpoints SET note = '{forged}' WHERE number = 2": "checkpoint 2: it is not signed by",
        f"UPDATE checkpoints SET note = '{changed}' WHERE number = 2": "checkpoint 2: its text is not what",
        "UPDATE checkpoints SET hash = sha256(hash) WHERE number = 2": "checkpoint 2 says another number, time or hash than its row",
        "UPDATE checkpoints SET sealed_at = sealed_at - interval '1 us' WHERE number = 3": "checkpoint 3 says another",
        "DELETE FROM checkpoints WHERE number = 2": "checkpoint 2 is missing before checkpoint 3",
        "UPDATE checkpoint_spans SET last_batch = 4 WHERE checkpoint = 3": "the spans stored for it",
        f"UPDATE batches SET hash = sha256(hash) WHERE bucket = {BUCKET} AND number = 2": "checkpoint 2 does not match its root",
    }
    for statement, words in cases.items():
        with tampered(owner_dsn, statement):
            assert words in texts(found_by(owner_dsn), "checkpoints"), statement
    with tampered(owner_dsn, f"UPDATE checkpoints SET note = '{changed}', hash = '\\x{redone}' WHERE number = 2"):
        named = texts(verify(owner_dsn), "checkpoints")
        assert "checkpoint 2 does not match its root" in named
        assert "checkpoint 3 does not name the checkpoint before it" in named
    with tampered(owner_dsn, "DELETE FROM checkpoints WHERE number = 3"):
        assert "covered by checkpoint 3, which does not exist" in texts(found_by(owner_dsn), "roots")
    with tampered(owner_dsn, f"DELETE FROM batch_roots WHERE bucket = {BUCKET} AND number = 2"):
        assert "the root of batch 2 is missing" in texts(found_by(owner_dsn), "roots")


async def test_turnover_holds_and_days_that_do_not_agree_are_named(history: Books, owner_dsn: str):
    hold = f"UPDATE holds SET %s WHERE bucket = {BUCKET}"
    account = f"UPDATE accounts SET %s WHERE bucket = {BUCKET} AND id = {LI}"
    for change, back, law, words in (
        (hold % "rest = rest - 1", hold % "rest = rest + 1", "holds", "has a rest of 399"),
        (hold % "risk = 1", hold % "risk = 4", "holds", "is not what transfer"),
        (account % "debits_pending = 1", account % "debits_pending = 400", "balances", f"account {LI} shows"),
        (account % "turnover_d = 1", account % "turnover_d = 400", "turnover", f"account {LI} shows as turnover"),
        (account % "turnover_total = 1", account % "turnover_total = 400", "turnover", f"account {LI} shows as turnover"),
    ):  # fmt: skip
        with psycopg.connect(owner_dsn, autocommit=True) as connection:
            assert connection.execute(change.encode()).rowcount == 1
            assert words in texts(found_by(owner_dsn), law)
            connection.execute(back.encode())
    with tampered(
        owner_dsn, f"UPDATE batches SET booking_day = booking_day + 1 WHERE bucket = {BUCKET} AND number = 2"
    ):
        assert "batch 3 was posted at" in texts(found_by(owner_dsn), "days")
    limit = "INSERT INTO turnover_limits VALUES (3, '2020-01-01', %s, NULL, NULL, 399, NULL, NULL)"
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute((account % "limit_class = 3").encode())
        connection.execute((limit % "NULL").encode())
        assert f"account {LI} turned over (0, 0, 0, 400)" in texts(found_by(owner_dsn), "turnover")
        connection.execute("UPDATE turnover_limits SET day_d = 400")
        assert found_by(owner_dsn).findings == ()


async def test_checkpoint_kept_elsewhere_finds_a_city_that_was_set_back(history: Books, owner_dsn: str):
    with psycopg.connect(owner_dsn) as connection:
        kept = [one.note for one in audit_store.checkpoints(connection, 1, 3)]
    assert verify(owner_dsn, verifier_key=KEY, kept=kept).findings == ()
    back = ("DELETE FROM checkpoint_spans WHERE checkpoint = 3", "DELETE FROM checkpoints WHERE number = 3")
    with tampered(owner_dsn, *back):
        assert found_by(owner_dsn).findings == ()
        (found,) = verify(owner_dsn, verifier_key=KEY, kept=kept).findings
    assert found.text == "checkpoint 3 was kept elsewhere, and the city has another one or none"
    (found,) = verify(owner_dsn, verifier_key=KEY, kept=[kept[0].replace("number 1", "number 7")]).findings
    assert "none of the city's checkpoints: its text is not what" in found.text


def test_hash_of_a_checkpoint_is_that_of_its_text():
    text = f"a\nhaihe-checkpoint-1\nnumber 1\ntime 2026-01-01T00:00:00.000000Z\nprevious {'0' * 64}\nleaves 0\nroot {'1' * 64}\nbucket 0 batch 0 hash {'0' * 64}\n"
    assert Checkpoint.from_text(text).hash == hashlib.sha256(text.encode()).digest()
