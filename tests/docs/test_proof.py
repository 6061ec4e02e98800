"""The page about the seal: its statement and its program, run as they stand there, against the real ledger."""

from __future__ import annotations

import re
import subprocess
import sys

import psycopg

from haihe.base.settings import PROJECT
from tests.ledger.conftest import BUCKET, BUS, LI, WANG, Books, books

__all__ = ["books"]


def block(language: str) -> str:
    found = re.search(
        rf"```{language}\n(.*?)```", (PROJECT / "docs" / "proof.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert found
    return found.group(1)


def checked(owner_dsn: str) -> subprocess.CompletedProcess[str]:
    """Do what the page says, for the bucket of the books."""
    statement = block("sql").replace("b.bucket = 1", f"b.bucket = {BUCKET}")
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("SET TimeZone TO 'Asia/Shanghai'")
        rows = connection.execute(f"SELECT seals::text FROM ({statement}) AS s(seals)".encode()).fetchall()
    lines = "".join(f"{row}\n" for (row,) in rows)
    program = [sys.executable, "-I", "-S", "-c", block("python")]
    return subprocess.run(program, input=lines, capture_output=True, text=True, check=False)


async def test_the_page_finds_every_seal_of_the_ledger(books: Books, owner_dsn: str):
    await books.post(books.posting((LI, BUS, 2_00)), books.posting((WANG, BUS, 500_00)), books.posting((WANG, BUS, 1)))
    await books.post(books.posting((WANG, BUS, 500_00)))
    with psycopg.connect(owner_dsn) as connection:
        row = connection.execute("SELECT batch, encode(hash, 'hex') FROM heads WHERE bucket = %s", (BUCKET,)).fetchone()
    assert row is not None
    assert row[0] == 3
    assert checked(owner_dsn).stdout == f"{row[0]} batches, the last seal is {row[1]}\n"


async def test_the_page_finds_a_changed_fen_in_its_batch(books: Books, owner_dsn: str):
    await books.post(books.posting((LI, BUS, 2_00)))
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("UPDATE transfers SET amount = amount + 1 WHERE debit = %s", (LI,))
    found = checked(owner_dsn)
    assert (found.returncode, found.stderr) == (1, "batch 2 does not match its seal\n")
