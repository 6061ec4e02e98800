"""Services are founded, found and priced."""

from __future__ import annotations

import time as timing
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import psycopg
import pytest

from haihe.base.clock import CITY_ZONE
from haihe.base.i18n import translator
from haihe.catalogue.finding import entry, find
from haihe.catalogue.model import ClosedNow, Hours, NewService, NewTerms, NotOffered, Service, ServiceUnknown, Terms
from haihe.catalogue.prices import Choice, Fixed, Open, Option, PriceFaultyError, Step, Tiers
from tests.catalogue.conftest import Shop

OLD = NewTerms(valid_from=date(2016, 1, 1), price=Fixed(300), until=date(2016, 12, 31))
NEW = NewTerms(
    valid_from=date(2017, 9, 1),
    price=Choice((Option("a", {"en": "Lunch A"}, 850), Option("b", {"en": "Lunch B"}, 1_100))),
    opens=(Hours(time(10, 30), time(13), frozenset({1, 2, 3, 4, 5})), Hours(time(17), time(19), frozenset({1}))),
    audience="member",
)
LUNCH = NewService(
    key="lunch",
    sector="campus",
    group="canteen",
    names={"zh": "食堂午餐", "en": "Canteen lunch"},
    icon="utensils",
    terms=(OLD, NEW),
)
TIERS = Tiers("kWh", "month", (Step(0, 220, 49), Step(220, None, 54)), free=15)
POWER = NewService(
    key="electricity",
    sector="utilities",
    group="electricity",
    names={"zh": "居民用电", "en": "Electricity", "ru": "Электричество"},
    icon="zap",
    terms=(NewTerms(valid_from=date(2016, 1, 1), price=TIERS),),
)


def at(*moment: int) -> datetime:
    year, month, day, hour, minute = moment
    return datetime(year, month, day, hour, minute, tzinfo=CITY_ZONE)


async def test_founding_stores_everything_and_again_changes_nothing(shop: Shop):
    before = await shop.version()
    laundry = replace(LUNCH, key="laundry", group="dormitory", names={"en": "Laundry"}, icon="washing-machine")
    lunch, washed = await shop.catalogue.found(shop.school, [LUNCH, laundry])
    (power,) = await shop.catalogue.found(shop.power, [POWER])
    assert await shop.version() == before + 2
    assert lunch == Service(
        lunch.id, shop.school, "lunch", "campus", "canteen", {"zh": "食堂午餐", "en": "Canteen lunch"}, "utensils"
    )

    other = shop.another()
    await other.reload()
    assert (other.by_id(lunch.id), other.by_key(shop.school, "lunch")) == (lunch, lunch)
    assert other.by_key(shop.power, "lunch") is None
    assert other.of_organisation(shop.school) == [lunch, washed]
    assert other.groups(sector="campus") == {"canteen": [lunch], "dormitory": [washed]}
    assert other.groups(organisation=shop.power) == {"electricity": [power]}
    assert other.terms(lunch.id, date(2018, 1, 1)) == Terms(lunch.id, NEW.valid_from, NEW.price, NEW.opens, "member")
    assert other.terms(power.id, date(2018, 1, 1)).price == TIERS

    assert await other.found(shop.school, [LUNCH, laundry]) == [lunch, washed]
    assert await other.found(shop.school, []) == []
    assert await shop.version() == before + 2


async def test_names_and_terms_may_be_added_and_nothing_that_was_in_force_changes(shop: Shop):
    (first,) = await shop.catalogue.found(shop.school, [LUNCH])
    version = await shop.version()
    later = NewTerms(valid_from=date(2018, 9, 1), price=Open(100, 2_000))
    changed = replace(LUNCH, names={"en": "Lunch"}, group="meals", icon="soup", terms=(later,))
    (again,) = await shop.catalogue.found(shop.school, [changed])
    assert again == Service(first.id, shop.school, "lunch", "campus", "meals", {"en": "Lunch"}, "soup")
    assert await shop.version() == version + 1
    assert shop.catalogue.terms(first.id, date(2018, 8, 31)).price == NEW.price
    assert shop.catalogue.terms(first.id, date(2018, 9, 1)).price == later.price

    dearer = replace(changed, names={"en": "Dearer"}, terms=(replace(later, price=Open(100, 3_000)),))
    soup = replace(LUNCH, key="soup")
    with pytest.raises(PriceFaultyError, match="lunch: already has other terms from 2018-09-01"):
        await shop.catalogue.found(shop.school, [soup, dearer])
    with pytest.raises(PriceFaultyError, match="lunch: already belongs to the sector campus"):
        await shop.catalogue.found(shop.school, [soup, replace(LUNCH, sector="utilities")])
    other = shop.another()
    await other.reload()
    assert other.of_organisation(shop.school) == [again]
    assert await shop.version() == version + 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with shop.base.database.connection() as connection:
            await connection.execute("UPDATE service_terms SET audience = ''")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"terms": (replace(OLD, price=Fixed(0)),)}, "terms from 2016-01-01: amount is 0"),
        ({"terms": ()}, "no terms"),
        ({"icon": "no-such-icon"}, "no icon 'no-such-icon'"),
        ({"icon": "../icons/zap"}, "no icon"),
        ({"names": {}}, "no names"),
        ({"terms": (replace(OLD, opens=(Hours(time(8, 0, 30), time(9)),)),)}, "whole minutes"),
    ],
)
async def test_a_fault_founds_nothing(shop: Shop, changes: dict[str, Any], reason: str):
    faulty = replace(LUNCH, key="faulty", **changes)
    with pytest.raises(PriceFaultyError, match=f"faulty: .*{reason}"):
        await shop.catalogue.found(shop.school, [LUNCH, faulty])
    await shop.catalogue.reload()
    assert shop.catalogue.of_organisation(shop.school) == []


async def test_terms_hold_on_their_days_and_hours_only(shop: Shop):
    (lunch,) = await shop.catalogue.found(shop.school, [LUNCH])
    catalogue = shop.catalogue
    with pytest.raises(ServiceUnknown):
        catalogue.terms(1, date(2017, 9, 1))
    for day in (date(2015, 12, 31), date(2017, 1, 1), date(2017, 8, 31)):
        with pytest.raises(NotOffered):
            catalogue.terms(lunch.id, day)
    assert catalogue.terms(lunch.id, date(2016, 12, 31)).price == Fixed(300)

    assert catalogue.open_terms(lunch.id, at(2016, 6, 5, 3, 0)).price == Fixed(300)
    assert catalogue.open_terms(lunch.id, at(2017, 9, 4, 10, 30)).price == NEW.price
    assert closed(shop, lunch.id, at(2017, 9, 4, 13, 0)) == at(2017, 9, 4, 17, 0)
    assert closed(shop, lunch.id, at(2017, 9, 5, 18, 0)) == at(2017, 9, 6, 10, 30)
    assert closed(shop, lunch.id, at(2017, 9, 8, 13, 0)) == at(2017, 9, 11, 10, 30)
    with pytest.raises(NotOffered):
        catalogue.open_terms(lunch.id, at(2017, 8, 31, 23, 59))


def closed(shop: Shop, service: int, moment: datetime) -> object:
    with pytest.raises(ClosedNow) as caught:
        shop.catalogue.open_terms(service, moment)
    return caught.value.details.get("opens_at")


async def test_hours_may_pass_midnight_and_end_for_good(shop: Shop):
    night = NewTerms(
        valid_from=date(2017, 9, 1),
        until=date(2017, 9, 3),
        price=Fixed(1),
        opens=(Hours(time(22), time(6), frozenset({5})), Hours(time(0), time(0), frozenset({7}))),
    )
    (bar,) = await shop.catalogue.found(shop.school, [replace(LUNCH, terms=(night,))])
    for moment in (at(2017, 9, 1, 22, 0), at(2017, 9, 2, 5, 59), at(2017, 9, 3, 0, 0), at(2017, 9, 3, 23, 59)):
        assert shop.catalogue.open_terms(bar.id, moment).price == Fixed(1)
    assert closed(shop, bar.id, at(2017, 9, 2, 6, 0)) == at(2017, 9, 3, 0, 0)
    final = replace(night, opens=(Hours(time(8), time(9), frozenset({5})),))
    (shut,) = await shop.catalogue.found(shop.school, [replace(LUNCH, key="shut", terms=(final,))])
    assert closed(shop, shut.id, at(2017, 9, 2, 6, 0)) is None


def test_a_closed_service_says_when_it_opens_if_that_is_known():
    assert (
        ClosedNow(opens_at=at(2017, 9, 4, 17, 0)).message(translator("zh"))
        == "该服务暂未开放，开放时间：9月4日 17:00。"
    )
    assert ClosedNow().message(translator("en")) == "This service is closed now."


def named(identity: int, key: str, **names: str) -> Service:
    return Service(identity, 1, key, "campus", "shops", names, "store")


SERVICES = [
    named(1, "east-laundry", zh="东区自助洗衣", en="East laundry", ru="Прачечная, восток"),
    named(2, "laundry-card", zh="洗衣卡", en="Laundry card", ru="Карта прачечной"),
    named(3, "lunch", zh="食堂午餐", en="Canteen lunch", ru="Обед в столовой"),
    named(4, "relaunch", en="Relaunch fee"),
    named(5, "east-lunch", zh="东区午餐", en="East lunch"),
]


@pytest.mark.parametrize(
    ("text", "language", "ids"),
    [
        ("laundry", "en", [2, 1]),
        ("LAUN", "en", [2, 1, 4]),
        ("lunch east", "en", [5]),
        ("洗衣", "zh", [2, 1]),
        ("东区 餐", "zh", [5]),
        ("ПРАЧЕЧНАЯ", "zh", [1]),
        ("Ｌｕｎｃｈ", "ru", [5, 3]),
        ("relaunch", "zh", [4]),
        ("laundry lunch", "en", []),
        ("  \t", "en", []),
        ("", "en", []),
        ("\x00\ud800", "en", []),
    ],
)
def test_every_word_must_occur_and_beginnings_come_first(text: str, language: str, ids: list[int]):
    assert [one.id for one in find(map(entry, SERVICES), text, language)] == ids


async def test_search_is_limited_to_a_sector_and_a_number(shop: Shop):
    await shop.catalogue.found(shop.school, [LUNCH, replace(LUNCH, key="lunch-2")])
    await shop.catalogue.found(shop.power, [replace(POWER, names={"en": "Lunch power"})])
    search = shop.catalogue.search
    assert [one.key for one in search("lunch", "en")] == ["electricity", "lunch", "lunch-2"]
    assert [one.key for one in search("lunch", "en", sector="campus")] == ["lunch", "lunch-2"]
    assert [one.key for one in search("lunch", "en", limit=1)] == ["electricity"]


def test_five_thousand_services_are_searched_in_the_blink_of_an_eye():
    entries = [
        entry(named(number, f"shop-{number}", zh=f"商店{number}", en=f"Shop {number}")) for number in range(5_000)
    ]
    begun = timing.perf_counter()
    assert len(find(entries, "s", "en")) == 5_000
    assert timing.perf_counter() - begun < 0.5
