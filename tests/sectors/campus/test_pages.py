from __future__ import annotations

import html
import re

from haihe.payments.model import Status
from tests.sector_pages import Visitor, visiting
from tests.sectors.campus.conftest import JINWAN, CampusCity

CARD = {
    "zh": ("海沽商科大学", "学生", "2017******01", "餐补（海沽商科大学）", "¥200.00"),
    "en": ("Haigu University of Commerce", "Student", "2017******01", "Meal subsidy (Haigu University)", "¥200.00"),
    "ru": ("Хайгуский университет коммерции", "Студент", "2017******01", "Дотация на питание", "200,00"),
}


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text.partition("<main")[2])).split())


async def test_card_is_shown_with_meal_money_and_payments(campus_city: CampusCity):
    city = campus_city
    payment = await city.city.pay(city.citizens[0], city.code("ceremonies.donation"), 5_00)
    for language, said in CARD.items():
        async with visiting(city.city, citizen=city.citizens[0], language=language) as visitor:
            answer = await visitor.open("/campus")
        assert answer.status_code == 200
        assert [one for one in said if one not in plain(answer.text)] == []
        assert f'href="/payments/{payment.id}"' in answer.text
        assert 'href="/pay"' in answer.text


async def test_who_has_no_card_reads_how_cards_come_about(campus_city: CampusCity):
    async with visiting(campus_city.city, citizen=campus_city.citizens[4]) as visitor:
        answer = await visitor.open("/campus")
        assert "No campus card yet" in plain(answer.text)
        assert 'href="/pay"' not in answer.text.partition("<main")[2]
        services = await visitor.open("/campus/services")
    assert services.status_code == 200
    assert "Haigu University of Commerce" in plain(services.text)


async def found(visitor: Visitor, query: str) -> str:
    answer = await visitor.open(f"/campus/services?{query}")
    assert answer.status_code == 200
    return answer.text


async def test_services_are_grouped_and_searched_in_any_language(campus_city: CampusCity):
    city = campus_city
    wash = city.service("laundry-2.wash")
    async with visiting(city.city, citizen=city.citizens[0]) as visitor:
        groups = await found(visitor, "")
        assert "group=laundry" in groups
        laundry = await found(visitor, "group=laundry")
        assert f'href="/s/campus-{wash.id}"' in laundry
        assert "laundry-2.wash" in laundry
        assert "¥3.50" in plain(laundry)
        assert f"/s/campus-{city.service('laundry-2.wash', JINWAN).id}" not in laundry
        for words in ("Standard wash", "标准洗", "обычная стирка", "laundry-2.wash", "dormitory 2 wash"):
            assert f'href="/s/campus-{wash.id}"' in await found(visitor, f"q={words}")
        assert "Nothing found" in plain(await found(visitor, "q=helicopter"))
        elsewhere = await found(visitor, f"q=标准洗&at={JINWAN}")
        assert f"/s/campus-{city.service('laundry-2.wash', JINWAN).id}" in elsewhere
        for odd in ("at=nowhere", "group=nothing", "group={x}", "q=" + "x" * 500, "group=laundry&at=%F0%9F%98%80"):
            assert await found(visitor, odd)
        assert (await visitor.open("/campus/services?q=%00")).status_code == 400


async def test_closed_services_say_when_they_open(campus_city: CampusCity):
    city = campus_city
    city.turn_to(3)
    async with visiting(city.city, citizen=city.citizens[0]) as visitor:
        assert "closed, opens" in plain(await found(visitor, "q=lunch-b"))
        assert "open now" in plain(await found(visitor, "q=laundry-1.wash"))
        answer = await visitor.open(f"/s/{city.code('c1-sets.lunch-b')}")
    assert answer.status_code == 409
    assert "closed" in plain(answer.text)


async def test_wrong_amounts_at_the_shop_are_refused_on_its_page(campus_city: CampusCity):
    city, student = campus_city, campus_city.citizens[0]
    code = await city.sticker("self-1")
    async with visiting(city.city, citizen=student) as visitor:
        assert (await visitor.open(f"/s/{code}")).status_code == 200
        for amount in ("0", "-5", "1.234", "", "lunch", "1e99"):
            answer = await visitor.send(f"/s/{code}", key=visitor.hidden("key"), amount=amount)
            assert answer.status_code == 422, amount
    assert await city.city.balance(student) == 1_000_00


async def test_citizen_pays_a_service_of_the_list(campus_city: CampusCity):
    city, student = campus_city, campus_city.citizens[0]
    code = city.code("registry.enrolment")
    async with visiting(city.city, citizen=student, language="zh") as visitor:
        page = await visitor.open(f"/s/{code}")
        assert all(said in plain(page.text) for said in ("在读证明", "学籍与档案室", "¥2.00"))
        answer = await visitor.send(f"/s/{code}", key=visitor.hidden("key"))
        assert answer.status_code == 303
        paid = await visitor.open(answer.headers["location"])
    assert "在读证明" in plain(paid.text)
    assert await city.city.balance(student) == 1_000_00 - 2_00
    assert (await city.desk.recent(city.city.payments, city.city.viewer(student), "zh"))[0][0].status is Status.PAID


# --- the university


async def test_day_adds_up_by_point_with_what_meal_money_paid(campus_city: CampusCity):
    city, student = campus_city, campus_city.citizens[0]
    await city.eat_down_to(student, 8_00)
    await city.lunch(student, 12_50)
    await city.lunch(student, 6_80, at="self-1")
    await city.lunch(city.citizens[3], 10_00, university=JINWAN)
    day = await city.office.day(city.university().id)
    taken = {one.point.key: (one.sales, one.amount, one.meal_money) for one in day.points if one.sales}
    assert taken == {"c1-noodles": (2, 204_50, 200_00), "self-1": (1, 6_80, 0)}
    assert (day.granted_to, day.granted) == (3, 600_00)
    async with visiting(city.city, staff=("manager", city.university().id)) as visitor:
        answer = await visitor.open("/console/campus")
    assert answer.status_code == 200
    assert all(said in plain(answer.text) for said in ("¥211.30", "¥200.00", "¥6.80"))


async def test_staff_see_prices_stickers_and_pair_a_till(campus_city: CampusCity):
    city = campus_city
    point = city.point("c1-rice")
    async with visiting(city.city, staff=("manager", city.university().id)) as visitor:
        assert "¥3.50" in plain((await visitor.open("/console/campus/services")).text)
        sheet = await visitor.open("/console/campus/stickers")
        assert await city.sticker("laundry-1.wash") in sheet.text
        await visitor.open("/console/campus")
        paired = await visitor.send(f"/console/campus/points/{point.id}/till")
        link = re.search(r'href="http://127.0.0.1:8000(/terminal/[^"]+)"', paired.text)
        assert link
        till = await visitor.open(html.unescape(link[1]))
        till = await visitor.open(till.headers.get("location", html.unescape(link[1])))
    assert "Hall 1 · Rice and dishes" in till.text


async def test_nobody_sees_another_university_or_more_than_the_role_allows(campus_city: CampusCity):
    city = campus_city
    ours = city.point("c1-rice")
    async with visiting(city.city, staff=("manager", city.university(JINWAN).id)) as visitor:
        await visitor.open("/console/campus")
        assert (await visitor.send(f"/console/campus/points/{ours.id}/till")).status_code == 404
        for odd in ("0", "x", "9" * 19, "1" * 30):
            await visitor.open("/console/campus")
            assert (await visitor.send(f"/console/campus/points/{odd}/till")).status_code == 404
    async with visiting(city.city, staff=("accountant", city.university().id)) as visitor:
        assert (await visitor.open("/console/campus")).status_code == 200
        assert (await visitor.send(f"/console/campus/points/{ours.id}/till")).status_code == 403
        assert (await visitor.open("/console/campus/stickers")).status_code == 403
    shop = await city.city.organisation("some-shop", "shop")
    async with visiting(city.city, staff=("manager", shop.id)) as visitor:
        for path in ("/console/campus", "/console/campus/services", "/console/campus/stickers"):
            assert (await visitor.open(path)).status_code == 404
