"""Every figure of the city's page and of its JSON is what plain SQL over payments, ledger and people says."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date, timedelta
from html import unescape

import psycopg
import pytest

from haihe.base.clock import service_day
from haihe.base.i18n import compact, number
from haihe.city import past
from haihe.city.model import Milestone, Standing
from haihe.city.past import SyntheticSector
from haihe.city.programme import MEASURES, ProgrammeFaultyError, progress, read_programme, same_day_last_year
from haihe.counter.branch import Founding
from haihe.ops.access import Access
from haihe.ops.demo_data import TIANJIN
from haihe.payments.refunds.service import build_refunds
from tests.grounds import open_ground
from tests.tallied import owe, tallies_of, trades, visiting_city, whole_city

KINDS = ("bus_company", "shop", "university", "utility", "hospital", "school", "social", "coach")
SECTORS = [
    SyntheticSector("bus", 1, "bus-front", "Buses"),
    SyntheticSector("bill", 4, "receipt", "Bills"),
    SyntheticSector("fee", 6, "graduation-cap", "Fees"),
]
NUMBERS = {"bus": 1, "bill": 4, "fee": 6, "rent": 97, "stall": 98}
DAY = "(paid_at AT TIME ZONE 'Asia/Shanghai')::date"
EFFECTIVE = "(effective AT TIME ZONE 'Asia/Shanghai')::date"


def spans(today: date) -> dict[str, tuple[date, date]]:
    """Name the first and last day of each span."""
    january, before = date(today.year, 1, 1), date(today.year - 1, 1, 1)
    return {
        "this_year": (january, today),
        "last_year_to_same_day": (before, same_day_last_year(today)),
        "last_year": (before, january - timedelta(days=1)),
    }


class Sql:
    """Asks the payments and the ledger themselves, as an auditor would."""

    def __init__(self, connection: psycopg.Connection, today: date) -> None:
        self.connection = connection
        self.spans = spans(today)
        self.today = today

    def one(self, statement: str, *parameters: object) -> int:
        row = self.connection.execute(statement.encode(), parameters).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def by_span(self, statement: str, *parameters: object) -> dict[str, int]:
        return {name: self.one(statement, *parameters, *days) for name, days in self.spans.items()}

    def sector(self, kind: int) -> dict[str, object]:
        payers = self.by_span(
            f"SELECT count(DISTINCT payer) FROM payments WHERE status = 0 AND kind = %s AND {DAY} BETWEEN %s AND %s",
            kind,
        )
        paid = self.by_span(
            f"SELECT count(*) FROM payments WHERE status = 0 AND kind = %s AND {DAY} BETWEEN %s AND %s", kind
        )
        hours = [
            self.one(
                f"SELECT count(*) FROM payments WHERE status = 0 AND kind = %s AND {DAY} = %s "
                "AND extract(hour FROM paid_at AT TIME ZONE 'Asia/Shanghai') = %s",
                kind,
                self.today,
                hour,
            )
            for hour in range(24)
        ]
        before = payers["last_year_to_same_day"]
        return {
            "payers": payers,
            "payments": paid,
            "times": payers["this_year"] / before if before else None,
            "payments_today_by_hour": hours,
            "payments_today": sum(hours),
        }


def live(page: str) -> dict[str, str]:
    """Read what the page keeps live, as text."""
    found = re.findall(r'<(\w+)[^>]* data-live="([^"]+)"[^>]*>(.*?)</\1>', page, re.DOTALL)
    return {name: unescape(re.sub(r"<[^>]+>", " ", text)).strip() for _, name, text in found}


async def test_every_figure_is_what_payments_and_ledger_say(database: Access):
    with psycopg.connect(database.owner_dsn, autocommit=True) as auditor:
        await compare(database, auditor)


async def compare(database: Access, auditor: psycopg.Connection) -> None:
    async with open_ground(database, trades) as city:
        for kind in KINDS:
            await city.organisation(kind.replace("_", "-"), kind)
        await city.reload()
        citizens = await city.register(110)
        wish = Founding(TIANJIN, citizens, 20, lambda login: login, city.clock.now())
        await past.found_past(city.ground, wish)
        shop, house = await city.organisation("melons", "shop"), await city.organisation("house", "utility")
        for turn, citizen in enumerate(citizens[:6]):
            city.clock.turn(timedelta(minutes=25))
            bought = await city.pay(citizen, f"stall-{shop.id}", 3_50 + turn)
            await city.pay(citizen, await owe(city, house, citizen, 900_00))
        refunds = build_refunds(city.database, city.clock, city.ground.base.ids, city.payments.sectors)
        for key in ("a", "b"):
            await refunds.give_back(
                organisation=shop.id, staff=1, payment=bought.id, amount=1_20, reason="Rotten", key=key
            )
        today = service_day(city.clock.now())
        sql = Sql(auditor, today)

        async with visiting_city(city, sectors=SECTORS) as anybody:
            told = json.loads((await anybody.get("/api/city")).text)
        assert told["registered"]["people"] == sql.one("SELECT count(*) FROM citizens") == 110
        assert told["registered"]["share"] == 110 / told["registered"]["population"]
        assert told["synthetic"] is True
        assert told["day"] == today.isoformat()
        for sector in told["sectors"]:
            expected = sql.sector(NUMBERS[sector["kind"]])
            assert {name: sector[name] for name in expected} == expected, sector["kind"]
        assert [one["kind"] for one in told["sectors"]] == list(NUMBERS)
        in_the_ledger = sql.by_span(
            f"SELECT sum(amount) FROM transfers WHERE kind = 1 AND {EFFECTIVE} BETWEEN %s AND %s"
        )
        assert told["amount"] == in_the_ledger
        assert told["refunded"] == {"this_year": 2_40, "last_year_to_same_day": 0, "last_year": 0}
        assert told["amount"]["this_year"] > told["amount"]["last_year_to_same_day"] > 0

        milestones = {one["key"]: one["measured"] for one in told["milestones"]}
        paid_into = (
            "SELECT count(DISTINCT t.credit) FROM transfers t JOIN organisations o ON o.id = t.credit WHERE o.kind = %s"
        )
        assert milestones == {
            "bus-stickers": 0,
            "bill-payers": sql.sector(4)["payers"]["this_year"],  # type: ignore[index]
            "campus-services": 0,
            "schools": sql.one(paid_into, "school"),
            "hospitals": sql.one(paid_into, "hospital"),
            "contributions": 0,
            "registered": 110,
        }

        for language in ("en", "zh", "ru"):
            async with visiting_city(city, language=language, sectors=SECTORS) as anybody:
                seen = live((await anybody.get("/city")).text)
                part = live((await anybody.get("/city/figures")).text)
            assert {name for name in seen if seen[name] != part[name]} <= {"as-of"}
            assert seen["registered"] == number(110, language)
            assert seen["today"] == number(sum(one["payments_today"] for one in told["sectors"]), language)
            assert seen["year"] == number(sum(one["payments"]["this_year"] for one in told["sectors"]), language)
            assert compact(told["amount"]["this_year"] // 100, language) in seen["amount"]
            for one in told["sectors"]:
                assert seen[f"payers-{one['kind']}"] == number(one["payers"]["this_year"], language)
                assert number(one["payers"]["last_year_to_same_day"], language) in seen[f"before-{one['kind']}"]
                assert number(one["payments_today"], language) in seen[f"today-{one['kind']}"]
            for milestone in told["milestones"]:
                assert number(milestone["measured"], language) in seen[f"milestone-{milestone['key']}"]
        assert city.verified() == []


async def test_the_page_names_nobody_and_no_organisations_money(database: Access):
    async with open_ground(database, trades) as city:
        shop = await city.organisation("melons", "shop", names={"en": "Melon Market"})
        (li,) = await city.register(1)
        await city.pay(li, f"stall-{shop.id}", 777_77)
        async with visiting_city(city) as anybody:
            for path in ("/city", "/api/city"):
                page = (await anybody.get(path)).text
                assert li.name not in page
                assert "Melon Market" not in page
                assert str(shop.id) not in page
            assert "777.77" not in (await anybody.get("/city")).text


async def test_however_many_ask_figures_are_computed_once_a_second(database: Access):
    async with open_ground(database, trades) as city:
        shop = await city.organisation("melons", "shop")
        (li,) = await city.register(1)
        lasting = whole_city(city)
        object.__setattr__(lasting, "fresh_s", 60.0)
        first, *others = await asyncio.gather(*(lasting.figures() for _ in range(20)))
        assert all(one is first for one in others)
        await city.pay(li, f"stall-{shop.id}", 1_00)
        assert await lasting.figures() is first
        fresh = whole_city(city)
        assert (await fresh.figures()).today_payments == 1
        await tallies_of(city).catch_up()
        assert (await fresh.figures()).today_payments == 1


@pytest.mark.parametrize(
    ("measured", "today", "standing"),
    [
        (99, date(2026, 12, 31), Standing.UNDER_WAY),
        (99, date(2027, 1, 1), Standing.OVERDUE),
        (100, date(2027, 1, 1), Standing.REACHED),
    ],
)
def test_a_milestone_is_reached_under_way_or_overdue(measured: int, today: date, standing: Standing):
    milestone = Milestone("bills", {"en": "Bills"}, "payers", "bill", 100, date(2026, 12, 31))
    assert progress(milestone, measured, today=today).standing is standing


def test_the_programme_is_measured_by_what_is_known(tmp_path):
    assert {one.measure for one in read_programme(TIANJIN)} <= set(MEASURES)
    text = (TIANJIN / "programme.toml").read_text().replace('measure = "stickers"', 'measure = "smiles"')
    (tmp_path / "programme.toml").write_text(text)
    with pytest.raises(ProgrammeFaultyError, match="smiles"):
        read_programme(tmp_path)


def test_the_same_day_of_a_leap_day_is_the_28th():
    assert same_day_last_year(date(2028, 2, 29)) == date(2027, 2, 28)
    assert same_day_last_year(date(2026, 11, 22)) == date(2025, 11, 22)
