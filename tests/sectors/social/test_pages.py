from __future__ import annotations

import html
import re

import pytest

from haihe.base.throttle import DOOR_RATES, MISS_TRIES
from haihe.people.model import Citizen
from haihe.sectors.social.rules import grouped
from tests.sector_pages import Visitor, visiting
from tests.sectors.social.conftest import SocialCity


def plain(text: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text.partition("<main")[2]).split()))


async def choose(visitor: Visitor, person: Citizen, tier: str) -> str:
    """Press a tier's button; the address of the page that follows."""
    await visitor.open("/social")
    answer = await visitor.send("/social/enrol", person=str(person.id), tier=tier)
    assert answer.status_code == 303, plain(answer.text)
    return str(answer.headers["location"])


async def test_citizen_pays_for_a_parent_on_the_pages(social_city: SocialCity):
    city = social_city
    child, parent = await city.born(30, 55)
    async with visiting(city.city, citizen=child) as visitor:
        await visitor.open("/social/relatives")
        wrong = await visitor.send("/social/relatives", name=parent.name, id_number=child.id_number)
        assert (wrong.status_code, "Nobody registered" in plain(wrong.text)) == (404, True)
        added = await visitor.send("/social/relatives", name=parent.name, id_number=parent.id_number)
        assert added.headers["location"] == "/social"

        page = plain((await visitor.open("/social")).text)
        assert all(
            said in page for said in ("Myself", parent.masked_name, "¥170.00 a year", "¥740.00 a year", "Open until")
        )
        assert parent.name not in page or parent.name == child.name
        address = await choose(visitor, parent, "basic")
        asked = plain((await visitor.open(address)).text)
        assert all(said in asked for said in ("¥170.00", parent.masked_name, parent.masked_id_number, "Basic tier"))
        paid = await visitor.send(address, key=visitor.hidden("key"))
        receipt = plain((await visitor.open(str(paid.headers["location"]).partition("?")[0])).text)
        covered = await city.covered(parent)
        assert covered
        assert grouped(covered.receipt) in receipt
        assert "Covered for" in plain((await visitor.open("/social")).text)
        again = await visitor.send("/social/enrol", person=str(parent.id), tier="basic")
        assert (again.status_code, "already covered" in plain(again.text)) == (409, True)
        for person, tier, status in (
            (child.id, "student", 422),
            (child.id, "", 422),
            (17, "basic", 404),
            ("x", "", 404),
        ):
            answer = await visitor.send("/social/enrol", person=str(person), tier=tier)
            assert answer.status_code == status
        await visitor.open("/social/relatives")
        await visitor.send(f"/social/relatives/{parent.id}/remove")
        assert parent.masked_id_number not in (await visitor.open("/social")).text


async def test_trying_names_and_numbers_is_limited(social_city: SocialCity):
    city = social_city
    (citizen,) = await city.born(30)
    async with visiting(city.city, citizen=citizen) as visitor:
        await visitor.open("/social/relatives")
        answers = [
            (await visitor.send("/social/relatives", name="王芳", id_number=citizen.id_number)).status_code
            for _ in range(DOOR_RATES["relative"].tries // MISS_TRIES + 1)
        ]
    assert answers == [404] * (DOOR_RATES["relative"].tries // MISS_TRIES) + [429]


@pytest.mark.parametrize(("language", "title"), [("zh", "缴费"), ("en", "Contributions"), ("ru", "Взносы")])
async def test_bureau_sees_its_year_and_each_contribution_down_to_the_ledger(
    social_city: SocialCity, language: str, title: str
):
    city = social_city
    first, second, third = await city.born(30, 40, 50)
    payment = await city.city.pay(first, await city.choose(first, "basic"))
    await city.city.pay(second, await city.choose(second, "high"))
    await city.choose(third, "basic")
    covered = await city.covered(first)
    assert covered
    async with visiting(city.city, staff=("accountant", city.office), language=language) as visitor:
        page = await visitor.open("/console/social")
        assert title in plain(page.text)
        assert first.masked_name in page.text
        assert first.name not in page.text
        money = plain(page.text)
        assert ("910,00" if language == "ru" else "910.00") in money
        link = f"/console/social/contributions/{covered.id}"
        assert link in page.text
        found = plain((await visitor.open(link)).text)
        assert all(
            text in found
            for text in (str(payment.id), str(payment.batch), grouped(covered.receipt), first.masked_id_number)
        )
        for path in ("/console/social/contributions/0", "/console/social/contributions/x"):
            assert (await visitor.open(path)).status_code == 404


async def test_others_see_nothing_of_the_bureau(social_city: SocialCity):
    city = social_city
    (citizen,) = await city.born(30)
    await city.city.pay(citizen, await city.choose(citizen, "basic"))
    covered = await city.covered(citizen)
    assert covered
    other = await city.city.organisation("other-bureau", "social")
    address = f"/console/social/contributions/{covered.id}"
    async with visiting(city.city, staff=("manager", other.id)) as visitor:
        assert citizen.masked_name not in (await visitor.open("/console/social")).text
        assert (await visitor.open(address)).status_code == 404
    async with visiting(city.city, staff=("cashier", city.office)) as visitor:
        for path in ("/console/social", address):
            assert (await visitor.open(path)).status_code == 403
    async with visiting(city.city) as visitor:
        assert "/sign-in" in (await visitor.open("/social")).headers["location"]
