from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import psycopg

from haihe.base.clock import day_start
from haihe.base.i18n import LANGUAGES
from haihe.catalogue.prices import Fixed
from haihe.codes.model import CODE_CHARACTERS
from haihe.ops.demo_data import TIANJIN
from haihe.ops.partitions import ensure_partitions
from haihe.sectors.campus.data import read_campus_services
from haihe.sectors.campus.meal_money import MealMoney
from haihe.sectors.campus.model import CANTEEN_TILL, GROUPS, KIND, CardRole, PointKind
from haihe.wallet.purses.lapsing import return_lapsed
from haihe.wallet.purses.rules import next_month
from tests.sectors.campus.conftest import HAIGU, JINWAN, MEALS, RESERVED, CampusCity

STORED = (
    "campus_points",
    "campus_cards",
    "grants",
    "pay_ins",
    "programme_terms",
    "services",
    "service_terms",
    "stickers",
    "terminals",
)
FOUNDING_S_MAX = 5.0
"""About half a second on a calm machine."""


def counts(city: CampusCity) -> dict[str, int]:
    with psycopg.connect(city.city.access.owner_dsn) as connection:
        rows = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in STORED}
    return {table: int(row[0]) for table, row in rows.items() if row}


def test_three_hundred_services_have_names_in_every_language_and_a_group():
    data = read_campus_services(TIANJIN)
    named = [one for block in data.block for one in (*(block.points if block.sells else ()), *block.services)]
    assert all(set(one.names) == set(LANGUAGES) and all(one.names.values()) for one in named)
    for language in LANGUAGES:
        points = [point.names[language] for block in data.block for point in block.points]
        assert len(set(points)) == len(points)
    assert {block.group for block in data.block} == set(GROUPS)


async def test_two_universities_offer_three_hundred_services(campus_city: CampusCity):
    city, catalogue = campus_city, campus_city.city.ground.catalogue
    offered = catalogue.of_organisation(city.university().id)
    assert len(offered) >= 300
    assert len({one.key for one in offered}) == len(offered)
    for university in (HAIGU, JINWAN):
        for service in catalogue.of_organisation(city.university(university).id):
            sold = city.desk.campus.find(service.id)
            assert sold
            assert (service.group == "canteens") == (sold.point.kind is PointKind.CANTEEN)
    stickers = await city.office.stickers(city.university().id)
    assert all(len(sticker.code) == CODE_CHARACTERS for sticker, _ in stickers)
    sold_by_sticker = {type(catalogue.terms(sold.service.id, city.office.today()).price) for _, sold in stickers}
    assert Fixed in sold_by_sticker
    assert len(sold_by_sticker) == 2


async def test_first_citizens_can_try_everything_and_their_wallets_are_left_alone(campus_city: CampusCity):
    city = campus_city
    shown = [await city.desk.cards(city.city.viewer(one)) for one in city.citizens]
    assert [[card.university.key for card in cards] for cards in shown] == [[HAIGU]] * 3 + [[JINWAN], [], []]
    assert all(card.holds and card.card.role is CardRole.STUDENT for cards in shown for card in cards)
    assert [await city.meal_money(one) for one in city.citizens] == [MEALS] * 3 + [180_00, 0, 0]
    assert {await city.city.balance(one) for one in city.citizens} == {1_000_00}
    assert city.city.verified() == []


async def test_second_founding_changes_nothing(campus_city: CampusCity):
    city = campus_city
    before, fund = counts(city), (await city.office.day(city.university().id)).fund
    began = time.monotonic()
    await city.city.found(city.citizens, reserved=RESERVED)
    assert time.monotonic() - began < FOUNDING_S_MAX
    assert counts(city) == before
    assert await city.meal_money(city.citizens[0]) == MEALS
    assert (await city.office.day(city.university().id)).fund == fund


async def test_every_month_gives_meal_money_anew_and_the_rest_of_the_last_one_goes_back(campus_city: CampusCity):
    """Once for each student and month, however often and by however many processes it is run; newcomers get theirs later."""
    city, (student, *_) = campus_city, campus_city.citizens
    purses, money = city.city.ground.purses, MealMoney(city.city.ground)
    fund = (await city.office.day(city.university().id)).fund
    await city.lunch(student, 12_50)
    month = next_month(city.office.today())
    city.city.clock.turn(day_start(month) + timedelta(hours=4) - city.city.clock.now())
    ensure_partitions(city.city.access.owner_dsn, city.city.clock.now())
    assert await city.meal_money(student) == 0
    assert (await city.lunch(student, 1_00)).balance == await city.city.balance(student) == 999_00
    await asyncio.gather(money.grant_month(), return_lapsed(purses), money.grant_month(), return_lapsed(purses))
    assert await city.meal_money(student) == MEALS
    await money.grant_month()
    await return_lapsed(purses, again=True)
    day = await city.office.day(city.university().id)
    assert (await city.meal_money(student), day.granted, day.granted_to) == (MEALS, 3 * MEALS, 3)
    assert day.fund == (fund or 0) - 12_50
    history = await city.city.payments.history(city.city.viewer(student), "en", limit=2, cursor=None)
    assert {(one.title, one.amount) for one in history.items} == {
        ("Lapsed, back to the sponsor", -(MEALS - 12_50)),
        ("Subsidy received", MEALS),
    }
    assert city.city.verified() == []


async def test_every_stall_has_its_till(campus_city: CampusCity):
    city = campus_city
    stalls = [
        one for one in city.office.campus.points.of_organisation(city.university().id) if one.kind is PointKind.CANTEEN
    ]
    own = [one.id for one in stalls if city.desk.campus.find(one.id)]
    tills = await city.city.ground.terminals.at_points(CANTEEN_TILL, own)
    assert own
    assert set(tills) == set(own)
    counter = city.city.branches[0].counters[CANTEEN_TILL]
    assert counter.trade == KIND
    heading = counter.board.heading(city.point("c1-noodles").id, "zh")
    assert (heading.line, heading.point) == ("校园", "一食堂 · 兰州拉面")
