"""A sector that the city has never heard of is added by its folder and its line, is used, and is taken away again (docs/new-sector.md)."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from haihe.app import SECTORS
from haihe.base.clock import CITY_ZONE
from haihe.base.settings import PROJECT
from haihe.catalogue.model import ClosedNow
from haihe.city.service import build_city
from haihe.codes.model import CodeRevoked
from haihe.counter.branch import Founding, trades_of
from haihe.ops.access import Access
from haihe.ops.demo_data import TIANJIN
from haihe.ops.verify import checks
from haihe.payments.errors import AmountFixed, NoLongerDue
from haihe.payments.model import Payment, PaymentRequest, Receipt
from haihe.payments.tallies import Tallies
from haihe.people.model import Citizen
from tests.grounds import SectorCity, open_ground
from tests.sector_pages import visiting
from tests.sectors.pool import pool
from tests.sectors.pool.pool.model import KIND, LockerTaken
from tests.sectors.pool.pool.service import Pool

FOLDER = Path(__file__).parent / "pool"
EARLY_FEN, SWIM_FEN, LOCKER_FEN = 15_00, 30_00, 2_00


@pytest.fixture
def database_with_pool(database: Access) -> Access:
    """What the folder's migration makes, in place of migrations/0015_pool.sql."""
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute((FOLDER / "pool.sql").read_bytes())
    return database


def at_hour(city: SectorCity, hour: int) -> None:
    """Turn the clock on to an hour of the city's day."""
    now = city.clock.now().astimezone(CITY_ZONE)
    wanted = now.replace(hour=hour, minute=0, second=0)
    city.clock.turn((wanted if wanted > now else wanted + timedelta(days=1)) - now)


async def stickers(city: SectorCity) -> dict[str, str]:
    """Give the code that hangs at each place."""
    (trade,) = (trade for branch in city.branches for trade in branch.trades if trade.kind == KIND)
    assert isinstance(trade, Pool)
    async with city.database.connection() as connection:
        found = await city.ground.stickers.of_points(connection, KIND, list(trade.places))
    return {trade.places[one.point].label: one.code for one in found}


async def found_pool(city: SectorCity) -> dict[str, str]:
    """Found the pool alone, twice as after an interruption, and give its stickers."""
    (branch,) = (branch for branch in city.branches if branch.part.name == "pool")
    for _ in range(2):
        await branch.found(Founding(FOLDER, [], 0, lambda login: f"password of {login}", city.clock.now()))
    await city.reload()
    return await stickers(city)


def plain(text: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text.partition("<main")[2]).split()))


async def test_pool_is_added_paid_in_and_taken_away_again(database_with_pool: Access):
    async with open_ground(database_with_pool, *SECTORS, pool.branch) as city:
        codes = await found_pool(city)
        assert sorted(codes) == ["L01", "L02", "L03", "T1"]
        swimmer, other = await city.neighbours()
        at_hour(city, 7)
        assert (await city.pay(swimmer, codes["T1"])).amount == EARLY_FEN
        at_hour(city, 10)
        entry = await pays_on_the_page(city, swimmer, codes["T1"])
        locker = await city.pay(swimmer, codes["L02"])
        assert (locker.amount, await city.balance(swimmer)) == (
            LOCKER_FEN,
            1_000_00 - EARLY_FEN - SWIM_FEN - LOCKER_FEN,
        )
        for code, refusal in ((codes["L02"], LockerTaken), (codes["L03"], AmountFixed)):
            with pytest.raises(refusal):
                await city.pay(other, code, 5_00 if refusal is AmountFixed else None)
        assert ("Rented until", "11:00") in (await receipt(city, swimmer, locker)).description.details
        await city.pay(swimmer, codes["L02"])
        assert await told(city, swimmer) == ["Locker, one hour", "Locker, one hour", "Swim", "Early swim"]
        await seen_at_the_office(city, swimmer)
        at_hour(city, 23)
        with pytest.raises(ClosedNow):
            await city.pay(other, codes["T1"])
        figures = await city_figures(city)
        assert figures == {"": EARLY_FEN + SWIM_FEN + 2 * LOCKER_FEN, "pool": 4}
        assert pool_findings(database_with_pool) == []
        assert city.verified() == []
        moment = city.clock.now()

    async with open_ground(database_with_pool, *SECTORS) as city:
        city.clock.moment = moment
        assert await city_figures(city) == {"": figures[""]}
        assert await told(city, swimmer) == ["Payment"] * 4
        kept = await receipt(city, swimmer, entry)
        assert (kept.payment.amount, kept.payment.payee_name) == (SWIM_FEN, "Jinhe Pool")
        async with visiting(city, citizen=swimmer) as visitor:
            assert (await visitor.open(f"/s/{codes['T1']}")).status_code == 410
            for path in ("/", "/history", f"/payments/{entry.id}", "/services?q=swim"):
                assert (await visitor.open(path)).status_code == 200, path
        hall = city.ground.organisations.by_key("jinhe-pool")
        assert hall
        async with visiting(city, staff=("manager", hall.id)) as visitor:
            assert (await visitor.open("/console/pool")).status_code == 404
            assert (await visitor.open("/console")).status_code == 200
        with pytest.raises(CodeRevoked):
            await city.pay(other, codes["T1"])
        assert city.verified() == []


async def pays_on_the_page(city: SectorCity, citizen: Citizen, code: str) -> Payment:
    """Scan the turnstile's sticker with a phone, and pay what the page says."""
    async with visiting(city, citizen=citizen) as visitor:
        page = plain((await visitor.open(f"/s/{code}")).text)
        assert all(said in page for said in ("Swim", "¥30.00", "T1", "Jinhe Pool"))
        paid = await visitor.send(f"/s/{code}", key=visitor.hidden("key"))
        shown = await visitor.open(str(paid.headers["location"]))
        assert "¥30.00" in plain(shown.text)
        assert "Swimming" in plain((await visitor.open("/")).text)
    payments, _ = await city.payments.list_payments(city.viewer(citizen), limit=1, cursor=None)
    return payments[0]


async def receipt(city: SectorCity, citizen: Citizen, payment: Payment) -> Receipt:
    return await city.payments.receipt(city.viewer(citizen), payment.id, "en")


async def told(city: SectorCity, citizen: Citizen) -> list[str]:
    """Read the titles of what a citizen paid, newest first."""
    page = await city.payments.history(city.viewer(citizen), "en", limit=20, cursor=None)
    return [entry.title for entry in page.items if entry.amount < 0]


async def seen_at_the_office(city: SectorCity, citizen: Citizen) -> None:
    hall = city.ground.organisations.by_key("jinhe-pool")
    assert hall
    async with visiting(city, staff=("manager", hall.id)) as visitor:
        page = plain((await visitor.open("/console/pool")).text)
        assert all(said in page for said in ("T1 2 ¥45.00", "L02 2 ¥4.00", "L03 0 ¥0.00"))
        assert "Swimming pool" in (await visitor.open("/console")).text
    assert await city.till(hall.id) == EARLY_FEN + SWIM_FEN + 2 * LOCKER_FEN


async def city_figures(city: SectorCity) -> dict[str, int]:
    """Ask the city page's figures: under "" all money, then the number of payments by kind that has any."""
    tallies = Tallies(city.database, city.clock, city.ground.dues)
    trades = list(trades_of(city.branches).values())
    figures = await build_city(city.database, city.clock, tallies, trades, folder=TIANJIN, fresh_s=0).figures()
    paid = {one.kind: one.payments.this_year + one.payments.last_year for one in figures.sectors}
    return {"": figures.amount.this_year + figures.amount.last_year} | {
        kind: many for kind, many in paid.items() if many
    }


def pool_findings(access: Access) -> list[str]:
    """Ask the folder's own check, which `haihe verify` finds by itself once the folder stands in haihe/sectors."""
    (check,) = (one for one in checks(FOLDER.parent) if one.name == "pool.visits")
    with psycopg.connect(access.owner_dsn) as connection:
        buckets = [row[0] for row in connection.execute("SELECT bucket FROM heads")]
        return [
            text
            for bucket in buckets
            for (text,) in connection.execute(check.query.replace(":bucket", f"{bucket}::smallint").encode())
        ]


async def test_two_who_want_one_locker_at_once_get_it_once(database_with_pool: Access):
    async with open_ground(database_with_pool, pool.branch) as city:
        codes = await found_pool(city)
        at_hour(city, 12)
        swimmers = await city.neighbours()
        requests = [PaymentRequest(one.id, one.bucket, codes["L01"], "key") for one in swimmers]
        answers = await city.payments.pay_all(requests)
        assert len([one for one in answers if isinstance(one, Payment)]) == 1
        assert len([one for one in answers if isinstance(one, NoLongerDue | LockerTaken)]) == 1
        assert sorted([await city.balance(one) for one in swimmers]) == [1_000_00 - LOCKER_FEN, 1_000_00]
        assert pool_findings(database_with_pool) == []


def test_document_quotes_the_pool_word_for_word():
    text = (PROJECT / "docs" / "new-sector.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^```(?:python|sql|toml)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    files = [*FOLDER.rglob("*.py"), *FOLDER.rglob("*.sql"), *FOLDER.rglob("*.toml"), Path(__file__)]
    written = [file.read_text(encoding="utf-8") for file in files]
    assert len(quoted) >= 10
    assert not [block for block in quoted if not any(block in file for file in written)]
