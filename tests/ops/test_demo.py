from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from haihe.base.clock import SystemClock, service_day
from haihe.base.home import Home
from haihe.base.tokens import Audience
from haihe.ledger import service as ledger
from haihe.ops import demo, demo_file
from haihe.ops.access import Access
from haihe.ops.demo import found_demo
from haihe.ops.demo_campaigns import CityOffice
from haihe.ops.demo_data import DemoData, read_demo
from haihe.ops.demo_people import make_population
from haihe.ops.demo_service_hall import HallData
from haihe.ops.founding import found_city
from haihe.ops.offices import Nobody, Offices, open_offices
from haihe.people.model import PeopleRules
from haihe.people.rules import age, birth_date, read_id_number
from haihe.people.service import build_people
from haihe.sectors import transit
from haihe.sectors.transit.coach.founding import FILE as COACH_FILE, read_coaches
from haihe.sectors.transit.founding import COMPANY_FILE, BusData

BASE_URL = "http://127.0.0.1:8123"
CITIZENS = 60
ONE_SECTOR = (transit.branch,)
"""Founding is the same for every sector; of one the figures can be said here."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


@pytest.fixture
def data() -> DemoData:
    return read_demo(changes={"count": CITIZENS})


@pytest.fixture
async def offices(database: Access, home: Home) -> AsyncIterator[Offices]:
    found_city(database.owner_dsn, buckets=3, now=datetime.now(UTC))
    async with open_offices(database.app_dsn, secrets=home.secrets(), base_url=BASE_URL, sectors=ONE_SECTOR) as opened:
        yield opened


async def founded(offices: Offices, home: Home, data: DemoData) -> dict[str, Any]:
    await found_demo(offices, data, home=home, key=home.secrets().token_key)
    content: dict[str, Any] = json.loads(home.demo.read_text())
    return content


async def counts(offices: Offices) -> list[int]:
    tables = (
        "citizens",
        "organisations",
        "staff",
        "lines",
        "vehicles",
        "stickers",
        "terminals",
        "tariffs",
        "transfers",
    )
    async with offices.base.database.connection() as connection:
        return [
            (await (await connection.execute(f"SELECT count(*) FROM {table}")).fetchall())[0][0] for table in tables
        ]


async def test_demo_file_keeps_its_contract(offices: Offices, home: Home, data: DemoData):
    content = await founded(offices, home, data)
    assert stat.S_IMODE(home.demo.stat().st_mode) == 0o600
    assert content["base_url"] == BASE_URL
    assert {frozenset(one) for one in content["citizens"]} == {
        frozenset({"name", "phone", "passcode", "token", "class"})
    }
    assert {frozenset(one) for one in content["stickers"]} == {frozenset({"kind", "code", "url", "payee", "amount"})}
    assert {frozenset(one) for one in content["staff"]} == {frozenset({"organisation", "role", "login", "password"})}
    assert {one["class"] for one in content["citizens"][:20]} == {"II"}
    assert len(content["citizens"]) >= 20
    assert content["stickers"][0]["url"] == f"{BASE_URL}/s/{content['stickers'][0]['code']}"
    assert {one["amount"] for one in content["stickers"]} == {100, 150, 200}
    assert {one["role"] for one in content["staff"]} >= {"driver", "accountant", "manager"}
    assert {one["organisation"] for one in content["staff"]} > {one["payee"] for one in content["stickers"]}


async def test_what_the_demo_file_says_opens_what_it_says(offices: Offices, home: Home, data: DemoData):
    content = await founded(offices, home, data)
    people = build_people(offices.base, registry=Nobody(), sms=Nobody(), settings=PeopleRules())
    for listed in content["citizens"][:3]:
        grant = people.sessions.grant(listed["token"])
        citizen = await people.citizen(grant.person)
        assert (citizen.name, citizen.phone, citizen.citizen_class.name) == (
            listed["name"],
            listed["phone"],
            listed["class"],
        )
        await people.check_passcode(citizen.id, listed["passcode"])
    for listed in content["staff"]:
        signed_in = await offices.organisations.sign_in(login=listed["login"], password=listed["password"])
        assert signed_in.member.role == listed["role"]
    drivers = [one for one in content["terminals"] if one["kind"] == "driver"]
    for sticker, terminal in zip(content["stickers"], drivers, strict=True):
        found = await offices.stickers.find(sticker["code"])
        token = terminal["url"].partition("?pair=")[2]
        opened = await offices.terminals.opened(int(terminal["id"]), token)
        assert (opened.kind, opened.point, terminal["code"]) == ("driver", found.point, sticker["code"])
        assert offices.base.tokens.read(token, Audience.TERMINAL, SystemClock().now()).person == opened.id


async def test_first_twenty_are_adults_without_concession_and_with_money(offices: Offices, home: Home, data: DemoData):
    await founded(offices, home, data)
    people = build_people(offices.base, registry=Nobody(), sms=Nobody(), settings=PeopleRules())
    newcomers = make_population(data.population, key=home.secrets().token_key)[:20]
    today = service_day(SystemClock().now())
    for citizen in await people.found([one.citizen for one in newcomers]):
        assert 18 <= age(citizen.birth_date, today) < 60
        async with offices.base.database.connection() as connection:
            balances = await ledger.balances(connection, citizen.bucket, [citizen.id])
        assert balances[citizen.id] >= 500_00


@pytest.mark.parametrize("listed_max", [1, 5])
async def test_every_line_has_a_sticker_listed(
    offices: Offices, home: Home, data: DemoData, monkeypatch: pytest.MonkeyPatch, listed_max: int
):
    monkeypatch.setattr(demo_file, "STICKERS_LISTED_MAX", listed_max)
    content = await founded(offices, home, data)
    vehicles = [(await offices.stickers.find(one["code"])).point for one in content["stickers"]]
    buses = [offices.catalogue.bus(vehicle) for vehicle in vehicles]
    listed = [bus[1].id for bus in buses if bus]
    lines = set(offices.catalogue.now.lines)
    assert set(listed[: len(lines)]) == lines
    assert len(listed) == max(listed_max, len(lines))


async def test_second_founding_changes_nothing(offices: Offices, home: Home, data: DemoData):
    first = await founded(offices, home, data)
    before = await counts(offices)
    second = await founded(offices, home, data)
    assert await counts(offices) == before
    for part in ("stickers", "staff"):
        assert second[part] == first[part]
    for name in ("name", "phone", "passcode"):
        assert [one[name] for one in second["citizens"]] == [one[name] for one in first["citizens"]]


@pytest.mark.parametrize("step", ["_found_people", "_open_wallets", "found_past", "write_demo_file"])
async def test_founding_that_was_killed_goes_on(
    offices: Offices, home: Home, data: DemoData, monkeypatch: pytest.MonkeyPatch, step: str
):
    class KilledError(Exception):
        pass

    async def killed(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(demo, step, killed)
        with pytest.raises(KilledError):
            await founded(offices, home, data)
    assert not home.demo.exists()
    await founded(offices, home, data)
    buses = msgspec.toml.decode((data.folder / COMPANY_FILE).read_bytes(), type=BusData)
    office = msgspec.toml.decode((data.folder / "campaigns.toml").read_bytes(), type=CityOffice).office
    coaches = read_coaches(data.folder / COACH_FILE).company
    citizens, organisations, staff, lines, vehicles, stickers, terminals, tariffs, transfers = await counts(offices)
    newcomers = make_population(data.population, key=b"")
    hall = msgspec.toml.decode((data.folder / "service_hall.toml").read_bytes(), type=HallData).hall
    assert (citizens, organisations) == (CITIZENS, 3 + len(coaches))  # and the city office and the service hall
    offices_staff = len(office.staff) + len(hall.staff) + organisations  # everywhere an administrator
    assert staff == len(buses.company.staff) + sum(len(company.staff) for company in coaches) + offices_staff
    assert vehicles == stickers == sum(len(line.plates) for line in buses.line)
    assert terminals == vehicles + 1  # one bus also has a validator
    assert (lines, tariffs) == (len(buses.line), 3)
    given, lived = await the_past(offices)
    assert transfers == sum(one.opening > 0 for one in newcomers) + given + lived


async def the_past(offices: Offices) -> tuple[int, int]:
    """Count the accounts that were given money for the demo's past, for campaigns and for the service hall, and the past's payments."""
    async with offices.base.database.connection() as connection:
        row = await (
            await connection.execute(
                "SELECT (SELECT count(*) FROM past_money) + (SELECT count(*) FROM pay_ins) + (SELECT count(*) FROM cash_floats), (SELECT count(*) FROM payments WHERE channel = 9 AND status = 0)"
            )
        ).fetchone()
    assert row
    return row[0], row[1]


def test_people_are_the_same_in_every_home_and_valid():
    population = read_demo().population
    first, second = (make_population(population, key=key) for key in (b"one", b"two"))
    assert len(first) == population.count
    assert [(one.citizen.name, one.citizen.id_number, one.opening) for one in first] == [
        (one.citizen.name, one.citizen.id_number, one.opening) for one in second
    ]
    assert [one.citizen.passcode for one in first[:20]] != [one.citizen.passcode for one in second[:20]]
    today = service_day(SystemClock().now())
    numbers = {read_id_number(one.citizen.id_number, today=today) for one in first}
    assert len(numbers) == len({one.citizen.phone for one in first}) == population.count
    assert all(birth_date(number).year <= population.others.born_to for number in numbers)


def test_what_nobody_confirmed_is_marked():
    folder = Path(__file__).parents[2] / "demo" / "tianjin"
    for name in ("city.toml", "tariffs.toml", "bus_company.toml", "coaches.toml", "citizens.toml"):
        assert "placeholder = true" in (folder / name).read_text()
