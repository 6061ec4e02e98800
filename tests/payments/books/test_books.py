"""The books as accountants and citizens meet them: the same fen everywhere, only the own accounts, files that can be added up."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import psycopg
import pytest

from haihe.base.clock import CITY_ZONE
from haihe.base.i18n import money
from haihe.ledger.model import AccountKind, Leg, Posting, TransferKind
from haihe.ledger.statements.bookkeeper import Bookkeeper
from haihe.ledger.statements.model import Book, Period
from haihe.ledger.statements.service import Statements
from haihe.ops.access import Access
from haihe.organisations.model import Organisation
from haihe.payments import pages
from haihe.payments.books import files
from haihe.payments.books.own_pages import OwnPostings
from haihe.payments.books.part import part as books_part
from haihe.people.model import Citizen
from haihe.web.assembly import assemble
from haihe.web.guards import SESSION_COOKIE, STAFF_COOKIE, Viewer
from haihe.web.part import Part
from tests.bus_pages import Door
from tests.grounds import BASE_URL, SectorCity, open_ground
from tests.tallied import trades


class OwnDoor(Door):
    """Knows citizens too: their cookie says id and bucket."""

    async def viewer(self, token: str) -> Viewer:
        person, bucket = token.split("-")
        return Viewer(int(person), int(bucket), 0)


def statements_of(city: SectorCity) -> Statements:
    return Statements(city.database, city.clock, Bookkeeper(city.database))


@asynccontextmanager
async def visiting(
    city: SectorCity, *, role: str = "", organisation: int = 0, citizen: Citizen | None = None, language: str = "en"
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the books to a member of staff or a citizen."""
    services = {"payments": city.payments, "people": city.ground.people, "postings": OwnPostings(city.payments)}
    parts = [
        Part("payments", handlers=(pages.receipt, pages.history), templates=pages.TEMPLATES, dependencies=services),
        books_part(statements_of(city)),
    ]
    app = assemble(parts, doorkeeper=OwnDoor(), form_key="k" * 64, leaving=asyncio.Event())
    cookies = {STAFF_COOKIE: f"{role}-{organisation}"} if role else {}
    cookies |= {SESSION_COOKIE: f"{citizen.id}-{citizen.bucket}"} if citizen else {}
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    headers = {"Accept-Language": language}
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, cookies=cookies, headers=headers) as client:
        yield client


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def market(city: SectorCity) -> tuple[Organisation, Organisation, Organisation]:
    return (
        await city.organisation("melons", "shop", names={"en": '=Melons, "sweet"'}),
        await city.organisation("pears", "shop"),
        await city.organisation("office", "city"),
    )


async def test_a_fen_is_followed_from_the_receipt_to_the_till_and_the_trial_balance(database: Access):
    async with open_ground(database, trades) as city:
        melons, pears, office = await market(city)
        li, wang = await city.neighbours()
        paid = await city.pay(li, f"stall-{melons.id}", 3_51)
        others = [await city.pay(wang, f"stall-{melons.id}", 1_00 + n) for n in range(4)]
        elsewhere = await city.pay(wang, f"stall-{pears.id}", 9_99)

        async with visiting(city, citizen=li) as phone:
            receipt = (await phone.get(f"/payments/{paid.id}")).text
            assert "Your wallet" in receipt
            assert "Till of =Melons" in receipt
            assert "sealed within a minute" in receipt
            assert str(paid.id) in receipt
            with psycopg.connect(database.owner_dsn) as connection:
                row = connection.execute(
                    "SELECT encode(hash, 'hex') FROM batches WHERE bucket = %s AND number = %s", (li.bucket, paid.batch)
                ).fetchone()
            assert row
            assert row[0] in receipt
            assert (await phone.get(f"/payments/{others[0].id}")).status_code == 404
            own = (await phone.get("/history/statement")).text
            assert money(3_51, "en") in own
            assert wang.name not in own
            lines = read((await phone.get("/history/statement.csv")).text)
            assert [one["entry"] for one in lines] == ["opening", "line", "line", "closing"]
            assert (lines[-1]["debit_fen"], lines[-1]["balance_yuan"]) == ("351", "996.49")
            assert (await phone.get("/history/statement?account=purse-9")).status_code == 400

        async with visiting(city, role="accountant", organisation=melons.id) as desk:
            found = (await desk.get(f"/console/books/accounts/till?number={paid.id}")).text
            assert found.count("/console/books/postings/") == 1
            posting = (await desk.get(f"/console/books/postings/{paid.id}")).text
            assert "A citizen&#39;s wallet" in posting
            assert li.name not in posting
            assert (await desk.get(f"/console/books/postings/{elsewhere.id}")).status_code == 404
            for foreign in (f"till-{pears.id}", "reserve", "all-wallets", "fund-1", "nothing"):
                assert (await desk.get(f"/console/books/accounts/{foreign}")).status_code == 404
            assert (await desk.get("/console/books/trial")).status_code == 403
            both = (await desk.get("/console/books/accounts/till?direction=credit&least=1.02&most=3.00")).text
            assert both.count("/console/books/postings/") == 2
            combined = (await desk.get("/console/books/accounts/till?kind=refund&counterparty=wallet")).text
            assert "No lines" in combined
            lines = read((await desk.get("/console/books/accounts/till/statement.csv")).text)
            assert sum(int(one["credit_fen"]) for one in lines if one["entry"] == "line") == 3_51 + 4_06
            assert lines[-1]["balance_fen"] == "757"
            assert [one["posted"] for one in lines] == sorted(one["posted"] for one in lines)
            paper = (await desk.get("/console/books/accounts/till/print")).text
            assert money(7_57, "en") in paper

        await _auditor_sees_all(city, office, elsewhere.id, 7_57 + 9_99)
        async with visiting(city, role="cashier", organisation=melons.id) as counter:
            assert (await counter.get("/console/books")).status_code == 403
        assert city.verified() == []


async def _auditor_sees_all(city: SectorCity, office: Organisation, posting: int, tills: int) -> None:
    async with visiting(city, role="auditor", organisation=office.id) as desk:
        index = (await desk.get("/console/books")).text
        past = (await desk.get("/console/books?at=2020-01-01T00:00")).text
        assert money(0, "en") in past
        assert money(-2_000_00, "en") not in past
        assert (await desk.get("/console/books?at=yesterday")).status_code == 400
        assert "/console/books/accounts/reserve" in index
        trial = (await desk.get("/console/books/trial")).text
        assert "Debits minus credits" in trial
        lines = read((await desk.get("/console/books/trial.csv")).text)
        assert [one["balance_fen"] for one in lines if one["account_kind"] == "total"] == ["0"] * 5
        whole = {one["account_kind"]: one["balance_fen"] for one in lines if one["bucket"] == "all"}
        assert whole["Organisations' tills"] == str(tills)
        assert (await desk.get(f"/console/books/postings/{posting}")).status_code == 200
        before = city.clock.now().astimezone(CITY_ZONE) - timedelta(days=1)
        empty = read((await desk.get(f"/console/books/trial.csv?at={before:%Y-%m-%dT%H:%M}")).text)
        assert {one["balance_fen"] for one in empty} == {"0"}


QUESTIONS = (
    "from=2026-02-30",
    "from=1066-10-14",
    "from=2026-11-02&to=2026-11-01",
    "kind=theft",
    "direction=up",
    "least=-1",
    "most=1e9999999",
    "counterparty=uncle",
    "number=x",
    "number=99999999999999999999",
    "cursor=x",
    "cursor=o-1-0-1-1-0_0",
    "cursor=o-1-0-1-1-0_9.1_0.2_0.3_0",
    "cursor=o-99999999999999999999-0-1-1-0_0",
)


async def test_what_cannot_be_asked_is_refused_with_a_code(database: Access):
    async with open_ground(database, trades) as city:
        melons, _, office = await market(city)
        (li,) = await city.register(1)
        async with visiting(city, role="accountant", organisation=melons.id) as desk:
            for question in QUESTIONS:
                answer = await desk.get(
                    f"/console/books/accounts/till?{question}", headers={"Accept": "application/json"}
                )
                assert answer.status_code == 400, question
                assert answer.json()["code"] in {"filter_invalid", "cursor_invalid"}, question
        async with visiting(city, citizen=li) as phone:
            for question in QUESTIONS:
                assert (await phone.get(f"/history/statement?{question}")).status_code in {200, 400}, question
        async with visiting(city, role="auditor", organisation=office.id) as desk:
            assert (await desk.get("/console/books/trial?at=tomorrow")).status_code == 400


async def test_pages_turned_show_what_the_first_page_saw_while_lines_come(database: Access):
    async with open_ground(database, trades) as city:
        melons, _, _ = await market(city)
        people = await city.neighbours()
        made = []
        for turn in range(9):
            city.clock.turn(timedelta(seconds=turn % 2))
            made.append((await city.pay(people[turn % 2], f"stall-{melons.id}", 1_00 + turn)).id)
        statements = statements_of(city)
        book, period = Book(melons.id), Period()
        page = await statements.page(book, period, limit=4)
        seen = [line.posting for line in page.lines]
        while page.older:
            await city.pay(people[0], f"stall-{melons.id}", 5_00)
            page = await statements.page(book, period, turn=page.older, limit=4)
            seen += [line.posting for line in page.lines]
            assert page.closing.balance == sum(1_00 + turn for turn in range(9))
        assert sorted(seen) == sorted(made)
        assert len(seen) == 9


async def test_holds_stand_in_no_statement_until_they_are_captured(database: Access):
    from haihe.ledger import service as ledger  # noqa: PLC0415
    from haihe.ledger.model import Phase  # noqa: PLC0415

    async with open_ground(database, trades) as city:
        melons, _, _ = await market(city)
        (li,) = await city.register(1)
        held, taken = city.ground.base.ids.take(2)
        now = city.clock.now()
        hold = Leg(li.id, melons.id, 5_00, TransferKind.DEPOSIT, phase=Phase.HOLD)
        capture = Leg(li.id, melons.id, 2_00, TransferKind.DEPOSIT, names=held, phase=Phase.CAPTURE)
        statements = statements_of(city)
        for identity, leg, expected in ((held, hold, 0), (taken, capture, 2_00)):
            posting = Posting(identity, (leg,), now, subject=li.id, expires=now + timedelta(days=1))
            async with city.database.transaction() as connection:
                await ledger.post(connection, li.bucket, [posting], now=now)
            page = await statements.page(Book(melons.id), Period())
            assert page.closing.balance == expected
        trial = await statements.trial_balance(now + timedelta(hours=1))
        assert trial.total.balance == 0
        assert trial.kinds()[AccountKind.WALLET].balance == 998_00
        async with visiting(city, citizen=li) as phone:
            lines = read((await phone.get("/history/statement.csv")).text)
            assert [one["debit_fen"] for one in lines if one["kind"] == "Deposit"] == ["200"]
        assert city.verified() == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE book_leaves SET debits = debits + 1, credits = credits + 1",
        "UPDATE book_leaves SET debits_forward = debits_forward + 1",
        "UPDATE book_leaves SET ids[1] = ids[1] + 1",
        "DELETE FROM book_leaves WHERE account = 1",
        "DELETE FROM books WHERE account = -1",
        "UPDATE book_cursors SET batch = batch - 1 WHERE batch > 0",
    ],
)
async def test_books_that_do_not_agree_are_named(database: Access, tampering: str):
    async with open_ground(database, trades) as city:
        melons, _, _ = await market(city)
        (li,) = await city.register(1)
        await city.pay(li, f"stall-{melons.id}", 1_00)
        assert await statements_of(city).bookkeeper.catch_up() == 2
        assert city.verified() == []
        with psycopg.connect(database.owner_dsn) as connection:
            connection.execute(tampering.encode())
        assert any("statements.books" in finding for finding in city.verified())


def test_a_file_neither_computes_nor_breaks_its_lines():
    assert (
        files.row((files.text("=1+1"), files.text('a "b", c'), -5, files.yuan(-5)))
        == '\'=1+1,"a ""b"", c",-5,-0.05\r\n'
    )
    assert [files.text(one)[0] for one in ("+1", "-1", "@x", "\tx", "\rx")] == ["'"] * 5


async def test_bookkeepers_at_once_and_one_that_dies_write_nothing_twice(
    database: Access, monkeypatch: pytest.MonkeyPatch
):
    from haihe.ledger.statements import books_store  # noqa: PLC0415

    async with open_ground(database, trades) as city:
        melons, _, _ = await market(city)
        people = await city.register(6)
        first, second = statements_of(city).bookkeeper, statements_of(city).bookkeeper

        async def buy() -> int:
            for _ in range(4):
                await asyncio.gather(*(city.pay(one, f"stall-{melons.id}", 1_00) for one in people))
            return 0

        async def keep(bookkeeper: Bookkeeper) -> int:
            return sum([await bookkeeper.catch_up() for _ in range(8)])

        written = sum(await asyncio.gather(buy(), keep(first), keep(second)))
        assert written + await first.catch_up() == 6 + 24
        await city.pay(people[0], f"stall-{melons.id}", 1_00)
        write = books_store.write

        async def killed(*args: object, **more: object) -> tuple[bool, int]:
            await write(*args, **more)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        monkeypatch.setattr(books_store, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            await second.catch_up()
        monkeypatch.setattr(books_store, "write", write)
        assert await second.catch_up() == 1
        assert city.verified() == []


async def test_period_that_begins_in_the_middle_of_a_leaf_has_every_line_of_its_first_moment(
    database: Access, monkeypatch: pytest.MonkeyPatch
):
    from haihe.ledger.statements import books_store  # noqa: PLC0415

    monkeypatch.setattr(books_store, "LEAF_LINES", 2)
    async with open_ground(database, trades) as city:
        melons, _, _ = await market(city)
        (li,) = await city.register(1)
        await city.pay(li, f"stall-{melons.id}", 9_00)
        city.clock.turn(timedelta(seconds=5))
        made = [(await city.pay(li, f"stall-{melons.id}", 1_00 + n)).id for n in range(4)]
        statements = statements_of(city)
        page = await statements.page(Book(melons.id), Period(since=city.clock.now()))
        assert [line.posting for line in reversed(page.lines)] == made
        assert page.opening.balance == 9_00
        streamed = statements.lines(Book(melons.id), Period(since=city.clock.now()), page.marks)
        assert [line.posting async for part in streamed for line in part] == made
