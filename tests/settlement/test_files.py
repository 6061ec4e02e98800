"""A day's file and its statement: made from the ledger again at any time, byte for byte, and checked without us."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from haihe import settlement as settlement_part
from haihe.base.notes import NoteForged, read_note
from haihe.base.settings import PROJECT
from haihe.ops.access import Access
from haihe.settlement.errors import DayNotSettled
from haihe.settlement.files import COLUMNS
from haihe.web.assembly import assemble
from haihe.web.guards import STAFF_COOKIE
from tests.bus_pages import Door
from tests.grounds import BASE_URL
from tests.settling import SIGNER, SettledCity, open_settled


def read(file: bytes) -> list[dict[str, str]]:
    assert file.endswith(b"\r\n")
    rows = list(csv.DictReader(io.StringIO(file.decode(), newline=""), strict=True))
    assert all(list(row) == list(COLUMNS) for row in rows)
    return rows


def stated(text: str) -> dict[str, str]:
    title, *lines = text.splitlines()
    assert title == "haihe settlement v1"
    return dict(line.split(" ", 1) for line in lines)


async def proved(folder: Path, file: bytes, note: str) -> int:
    """Check the pair as somebody does who has neither the city nor its code."""
    (folder / "melons.csv").write_bytes(file)
    (folder / "melons.txt").write_bytes(note.encode())
    program = PROJECT / "docs" / "check_proof.py"
    check = (sys.executable, str(program), SIGNER.verifier_key, str(folder / "melons.csv"))
    process = await asyncio.create_subprocess_exec(*check, stdout=asyncio.subprocess.DEVNULL)
    return await process.wait()


async def test_file_and_statement_say_the_same_and_never_change(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        melons, water = await one.shop(), await one.shop("water", "utility")
        citizens = await one.city.register(12)
        paid = [await one.buy(citizen, melons, 10_01 + place) for place, citizen in enumerate(citizens)]
        await one.buy(citizens[0], water, 3_00)
        refund = await one.give_back(paid[3], 4_00)
        day = one.next_day()
        await one.settlements.run()

        settlement = await one.settlements.settlement(melons.id, day)
        file = await one.file(melons.id, day)
        note = one.settlements.statement(settlement)
        assert hashlib.sha256(file).digest() == settlement.file_hash
        rows = read(file)
        entries = Counter(row["entry"] for row in rows)
        buckets = {citizen.bucket for citizen in citizens}
        assert entries == {"payment": 12, "refund": 1, "fee": len(buckets)}
        sums = {name: sum(int(row[f"{name}_fen"]) for row in rows) for name in ("gross", "refund", "fee")}
        assert sums == {"gross": sum(payment.amount for payment in paid), "refund": 4_00, "fee": settlement.fee}
        assert {row["payment"] for row in rows if row["entry"] == "payment"} == {str(payment.id) for payment in paid}
        (back,) = [row for row in rows if row["entry"] == "refund"]
        assert (back["payment"], back["refund_of"]) == (str(refund.id), str(paid[3].id))
        placed = [tuple(int(row[name]) for name in ("bucket", "batch", "place")) for row in rows[:13]]
        assert placed == sorted(placed)
        days = {(row["entry"], row["service_day"], row["booking_day"]) for row in rows}
        assert days == {(entry, day.isoformat(), day.isoformat()) for entry in entries}
        for citizen in citizens:
            assert str(citizen.id) not in file.decode()

        says = stated(read_note(note, SIGNER.verifier_key))
        assert says == {
            "organisation": "melons",
            "day": day.isoformat(),
            "lines": str(len(rows)),
            "gross": str(settlement.gross),
            "refunds": "400",
            "fees": str(settlement.fee),
            "net": str(settlement.gross - 4_00 - settlement.fee),
            "file": hashlib.sha256(file).hexdigest(),
            "previous": "00" * 32,
        }
        with pytest.raises(NoteForged):
            read_note(note.replace("refunds 400", "refunds 401"), SIGNER.verifier_key)
        assert await proved(tmp_path, file, note) == 0
        assert await proved(tmp_path, file.replace(b",payment,", b",Payment,", 1), note) == 1

        await one.buy(citizens[0], melons, 5_00)
        following = one.next_day()
        await one.settlements.run()
        assert await one.file(melons.id, day) == file
        again = await one.settlements.settlement(melons.id, day)
        assert one.settlements.statement(again) == note
        after = stated(
            read_note(
                one.settlements.statement(await one.settlements.settlement(melons.id, following)), SIGNER.verifier_key
            )
        )
        text = read_note(note, SIGNER.verifier_key)
        assert after["previous"] == hashlib.sha256(text.encode()).hexdigest()
        with pytest.raises(DayNotSettled):
            await one.settlements.settlement(water.id, following)
        assert one.wrong() == []


async def test_what_the_founding_booked_is_the_day_before_and_never_paid_out(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        melons = await one.shop()
        (li,) = await one.city.register(1)
        await one.buy(li, melons, 10_00)  # the past, as the founding books it: today
        first_day = one.today
        for _ in range(2):
            await one.settlements.close_founding(first_day=first_day)
        past = await one.settlements.settlement(melons.id, first_day - timedelta(days=1))
        assert (past.gross, past.fee, past.is_paid_out) == (10_00, 0, False)
        await one.buy(li, melons, 20_00)
        one.next_day()
        await one.settlements.run()
        days, payouts = await one.settlements.of_organisation(melons.id)
        assert [(day.gross, day.fee) for day in days] == [(20_00, 12), (10_00, 0)]
        assert list(payouts) == [first_day]
        assert [amount for _, amount in one.pushed()] == [19_88]
        assert await one.city.till(melons.id) == 10_00
        assert one.wrong() == []


@asynccontextmanager
async def console(one: SettledCity, *, role: str, organisation: int) -> AsyncIterator[httpx.AsyncClient]:
    app = assemble(
        [settlement_part.part(one.settlements)], doorkeeper=Door(), form_key="k" * 64, leaving=asyncio.Event()
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    cookies = {STAFF_COOKIE: f"{role}-{organisation}"}
    headers = {"Accept-Language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, cookies=cookies, headers=headers) as client:
        yield client


async def test_the_console_shows_days_and_gives_files_of_the_own_organisation_only(database: Access, tmp_path: Path):
    async with open_settled(database, tmp_path) as one:
        melons, water = await one.shop(), await one.shop("water", "utility")
        office = await one.city.organisation("office", "city")
        (li,) = await one.city.register(1)
        async with console(one, role="accountant", organisation=melons.id) as client:
            page = (await client.get("/console/settlement")).text
            assert "No day is closed yet" in page
            assert "is still open" in page
        await one.buy(li, melons, 100_00)
        day = one.next_day()
        await one.settlements.run()
        folder = f"/console/settlement/{day.isoformat()}"
        async with console(one, role="accountant", organisation=melons.id) as client:
            page = (await client.get("/console/settlement")).text
            assert re.search(r"¥100\.00.*¥0\.60.*¥99\.40.*Paid out", page, re.DOTALL)
            file = await client.get(f"{folder}/payments.csv")
            assert file.content == await one.file(melons.id, day)
            assert f'filename="melons-{day.isoformat()}.csv"' in file.headers["content-disposition"]
            note = await client.get(f"{folder}/statement.txt")
            assert stated(read_note(note.text, SIGNER.verifier_key))["net"] == "9940"
            assert one.settlements.signer.verifier_key in page
            assert (await client.get("/console/settlements")).status_code == 404
            for wrong in ("2017-01-01", "yesterday", one.today.isoformat()):
                assert (await client.get(f"/console/settlement/{wrong}/payments.csv")).status_code == 404
        async with console(one, role="accountant", organisation=water.id) as client:
            assert (await client.get(f"{folder}/payments.csv")).status_code == 404
        async with console(one, role="cashier", organisation=melons.id) as client:
            assert (await client.get(f"{folder}/payments.csv")).status_code == 403
            assert (await client.get("/console/settlement")).status_code == 403
        async with console(one, role="accountant", organisation=office.id) as client:
            page = (await client.get("/console/settlements")).text
            assert "agree to the fen" in page
            assert "melons" in page
            await one.bank.deposit(reference="nobody's", amount_fen=7)
            token = re.search(r'name="_csrf_token" value="([^"]+)"', page)
            assert token is not None
            await client.post("/console/settlements/check", data={"_csrf_token": token[1]})
            page = (await client.get("/console/settlements")).text
            assert "nothing is paid out" in page
            assert "the bank 7" in page
