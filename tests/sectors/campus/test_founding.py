from __future__ import annotations

import time

import psycopg

from haihe.base.i18n import LANGUAGES
from haihe.catalogue.prices import Fixed
from haihe.codes.model import CODE_CHARACTERS
from haihe.ops.demo_data import TIANJIN
from haihe.sectors.campus.data import read_campus_services
from haihe.sectors.campus.model import CANTEEN_TILL, GROUPS, KIND, CardRole, PointKind
from tests.sectors.campus.conftest import HAIGU, JINWAN, MEALS, RESERVED, CampusCity

STORED = ("campus_points", "campus_cards", "campus_meal_money", "services", "service_terms", "stickers", "terminals")
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
            terms = catalogue.terms(service.id, city.office.today())
            assert bool(terms.purses) == (sold.point.kind is PointKind.CANTEEN)
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


async def test_founding_that_was_killed_before_the_money_was_given_gives_it(campus_city: CampusCity):
    """What was written down and not posted is posted by the next founding, under its own number."""
    city = campus_city
    newcomers = await city.city.register(3)
    assert [await city.meal_money(one) for one in newcomers] == [0, 0, 0]
    everyone = [*newcomers, *city.citizens[3:]]
    with psycopg.connect(city.city.access.owner_dsn) as connection:
        month = city.office.today().replace(day=1)
        for newcomer in newcomers:
            connection.execute(
                "INSERT INTO campus_meal_money VALUES (%s, %s, %s, %s, %s, %s)",
                (
                    city.city.ground.base.ids.next(),
                    city.university().id,
                    newcomer.id,
                    MEALS,
                    month,
                    newcomer.bucket,
                ),
            )
    assert any("not posted" in finding for finding in city.city.verified())
    await city.city.found(everyone, reserved=RESERVED)
    assert [await city.meal_money(one) for one in newcomers] == [MEALS] * 3
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
