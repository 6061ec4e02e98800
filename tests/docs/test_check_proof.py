"""The verifier that is not us: its one file, alone in an empty folder, on real proofs and on forged ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from haihe.base.settings import PROJECT
from haihe.ledger.model import SystemAccount
from haihe.ledger.seal import store
from haihe.ledger.seal.proof import NothingPosted, NotSealedYet, proof_of, written
from haihe.ledger.seal.sealer import Sealer
from tests.ledger.conftest import BUCKET, BUS, LI, SPONSOR, WANG, Books
from tests.ledger.seal.conftest import SIGNER, books, sealer

__all__ = ["books", "sealer"]

VERIFIER = PROJECT / "docs" / "check_proof.py"
LINES_MAX = 200
STEP = 5
"""Every so many bytes one is forged: a prime number, so that every kind of place is met."""


def checked(folder: Path, *files: str, key: str = SIGNER.verifier_key) -> subprocess.CompletedProcess[str]:
    """Run the verifier as a stranger does: on a machine without Haihe."""
    shutil.copy(VERIFIER, folder)
    command = [sys.executable, "-I", VERIFIER.name, key, *files]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def forged_everywhere(folder: Path, name: str) -> list[str]:
    """Write copies of a file that differ in one byte, each with everything beside it that belongs to it."""
    content, made = (folder / name).read_bytes(), []
    for place in range(0, len(content), STEP):
        copy = folder / f"forged-{place}-{name}"
        copy.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        beside = folder / Path(name).with_suffix(".note")
        if copy.suffix == ".csv" and beside.is_file():
            shutil.copy(beside, copy.with_suffix(".note"))
        made.append(copy.name)
    return made


def test_verifier_is_one_short_file_that_needs_only_cryptography():
    lines = VERIFIER.read_text(encoding="utf-8").splitlines()
    imported = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert len(lines) <= LINES_MAX
    assert imported - sys.stdlib_module_names == {"cryptography"}


async def test_proof_of_a_posting_is_proved_and_every_forged_byte_is_noticed(
    books: Books, sealer: Sealer, tmp_path: Path
):
    others = [books.posting((SystemAccount.RESERVE, WANG, fen), subject=WANG) for fen in range(1, 6)]
    mine = books.posting((LI, BUS, 12_50), (SPONSOR, BUS, 3_50))
    await sealer.catch_up(at_once=True)
    await books.post(*others[:3], mine, *others[3:])
    async with books.database.connection() as connection:
        with pytest.raises(NotSealedYet):
            await proof_of(connection, BUCKET, mine.id)
        with pytest.raises(NothingPosted):
            await proof_of(connection, BUCKET, mine.id + 16 * 1000)
        await sealer.catch_up(at_once=True)
        proof = await proof_of(connection, BUCKET, mine.id)
        note = (await store.newest(connection, limit=1))[0].note
    (tmp_path / "mine.json").write_text(written(proof), encoding="utf-8")
    (tmp_path / "newest.note").write_text(note, encoding="utf-8")
    (tmp_path / "key").write_text(f"{SIGNER.verifier_key}\n")

    found = checked(tmp_path, "mine.json", "newest.note", key="key")
    assert (found.returncode, found.stderr) == (0, "")
    assert (
        f"posting {mine.id} stands in the ledger of {SIGNER.name}, and {SIGNER.name} signed so in checkpoint 2"
        in found.stdout
    )
    assert f"12.50 (currency 156) from account {LI} to account {BUS}" in found.stdout
    assert "transfer 5 of 7 in batch 2 of bucket 2" in found.stdout
    assert not {str(other.id) for other in others} & set(written(proof).split('"'))

    forged = [*forged_everywhere(tmp_path, "mine.json"), *forged_everywhere(tmp_path, "newest.note")]
    found = checked(tmp_path, *forged)
    assert (found.returncode, found.stderr) == (1, "")
    assert [line.partition(":")[0] for line in found.stdout.splitlines()] == [f"NOT PROVED {name}" for name in forged]


async def test_proof_is_not_stretched_to_what_it_does_not_prove(books: Books, sealer: Sealer, tmp_path: Path):
    mine, other = books.posting((LI, BUS, 1_00), (LI, BUS, 2_00)), books.posting((WANG, BUS, 1_00))
    await books.post(mine, other)
    await sealer.catch_up(at_once=True)
    async with books.database.connection() as connection:
        proof, second = [await proof_of(connection, BUCKET, one.id) for one in (mine, other)]
    transfers = proof["transfers"]
    assert isinstance(transfers, list)
    stretched = {
        "twice.json": proof | {"transfers": [transfers[0], transfers[0]]},
        "turned.json": proof | {"transfers": transfers[::-1]},
        "mixed.json": proof | {"transfers": [*transfers, *second["transfers"]]},  # type: ignore[misc]
        "other.json": proof | {"transfers": second["transfers"]},
        "nothing.json": proof | {"transfers": []},
        "more.json": proof | {"said": "paid twice"},
        "dearer.json": proof | {"transfers": [transfers[0] | {"amount": "10000"}]},
        "list.json": [],
        "true.json": proof | {"leaf": False},
    }  # fmt: skip
    for name, content in stretched.items():
        (tmp_path / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (tmp_path / "mine.json").write_text(written(proof), encoding="utf-8")
    found = checked(tmp_path, *stretched, "missing.json")
    assert (found.returncode, found.stderr, found.stdout.count("NOT PROVED")) == (1, "", len(stretched) + 1)
    stranger = SIGNER.verifier_key.replace("haihe-", "haike-")
    assert checked(tmp_path, "mine.json", key=stranger).returncode == 1
    assert checked(tmp_path, "mine.json").returncode == 0


def test_day_file_is_proved_by_its_statement_and_every_forged_byte_is_noticed(tmp_path: Path):
    heading = "payment,time,service_day,booking_day,entry,kind,point,service,refund_of,gross_fen,refund_fen,fee_fen,bucket,batch,place"
    lines = [
        "160,2026-11-22T10:00:00.000+08:00,2026-11-22,2026-11-22,payment,1,7,1,0,200,0,0,1,2,1",
        "176,2026-11-22T11:00:00.000+08:00,2026-11-22,2026-11-22,refund,1,7,1,160,0,50,0,1,3,1",
        "192,2026-11-23T00:00:00.000+08:00,2026-11-22,2026-11-22,fee,0,0,0,0,0,0,1,1,0,0",
    ]
    day = "".join(f"{line}\r\n" for line in (heading, *lines)).encode()
    text = (
        "haihe settlement v1\norganisation bus\nday 2026-11-22\nlines 3\ngross 200\nrefunds 50\nfees 1\nnet 149\n"
        f"file {sha256(day).hexdigest()}\nprevious {'0' * 64}\n"
    )
    (tmp_path / "day.csv").write_bytes(day)
    (tmp_path / "day.note").write_text(SIGNER.sign(text), encoding="utf-8")
    (tmp_path / "wrong.csv").write_bytes(day)
    (tmp_path / "wrong.note").write_text(SIGNER.sign(text.replace("net 149", "net 150")), encoding="utf-8")
    found = checked(tmp_path, "day.csv")
    assert (found.returncode, found.stderr) == (0, "")
    assert "the day 2026-11-22 of bus" in found.stdout
    assert "3 lines; gross 200, refunds 50, fees 1, net 149 fen: the lines add up" in found.stdout
    forged = [*forged_everywhere(tmp_path, "day.csv"), "wrong.csv"]
    for name in forged_everywhere(tmp_path, "day.note"):
        shutil.copy(tmp_path / "day.csv", (tmp_path / name).with_suffix(".csv"))
        forged.append(Path(name).with_suffix(".csv").name)
    found = checked(tmp_path, *forged)
    assert (found.returncode, found.stderr, found.stdout.count("NOT PROVED")) == (1, "", len(forged))
