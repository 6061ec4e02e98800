"""The pages and the API of families, as browsers and programs use them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import httpx

from haihe import people
from haihe.base.throttle import DOOR_RATES, Limits
from haihe.payments.family import part as family_part
from haihe.payments.family.page_parts import House
from haihe.payments.part import part as payments_part
from haihe.people import display
from haihe.people.family.model import Role
from haihe.people.model import Citizen
from haihe.web.assembly import assemble
from haihe.web.display import DISPLAY_COOKIE
from haihe.web.guards import SESSION_COOKIE
from tests.families import BILL, PASSCODE, SECRET, FamilyCity
from tests.grounds import BASE_URL
from tests.sector_pages import Door, Visitor


@asynccontextmanager
async def phone_of(home: FamilyCity, citizen: Citizen) -> AsyncIterator[Visitor]:
    """Open the pages and the API as a citizen, with the rate limits of a real city."""
    house, limits = House(home.families, home.children, home.allowances, home.acting), Limits(DOOR_RATES)
    parts = [
        family_part.part(house),
        display.part(),
        payments_part(home.city.payments, Door(), limits),
        replace(people.part(home.city.ground.people, limits=limits), handlers=()),
    ]
    app = assemble(parts, doorkeeper=Door(), form_key="k" * 64, leaving=asyncio.Event())
    token = f"{citizen.id}-{citizen.bucket}"
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=cast("Any", app)),
        base_url=BASE_URL,
        cookies={SESSION_COOKIE: token},
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
    ) as client:
        yield Visitor(client)


async def test_invitation_is_confirmed_by_masked_name_accepted_and_ended(home: FamilyCity):
    owner, helper = await home.adult(), await home.adult(name="李小红")
    async with phone_of(home, owner) as phone, phone_of(home, helper) as other:
        await phone.open("/family/invite?role=relative")
        terms = {"role": "relative", "kind": str(BILL)}
        assert (await phone.send("/family/invite", **terms, phone="13800000000")).status_code == 404
        assert (await phone.send("/family/invite", role="relative", phone=helper.phone)).status_code == 422
        await phone.send("/family/invite", **terms, phone=helper.phone)
        assert "李**" in phone.page
        assert helper.name not in phone.page
        kept = {"role": "relative", "kinds": phone.hidden("kinds"), "phone": helper.phone, "to": "李**"}
        assert (await phone.send("/family/invite/confirm", **kept | {"to": "王*"})).status_code == 409
        assert (await phone.send("/family/invite/confirm", **kept)).headers["location"] == "/family"
        found = (await other.client.get("/api/family")).json()
        (asked,) = found["invitations"]
        assert (asked["owner"], asked["kinds"], asked["state"]) == (owner.masked_name, ["bill"], "invited")
        await other.open("/family")
        assert owner.name not in other.page
        await other.send(f"/family/ties/{asked['id']}/accept")
        await home.bill(owner)
        assert [one["state"] for one in (await phone.client.get("/api/family")).json()["mine"]] == ["linked"]
        for _ in range(2):
            assert (await phone.client.delete(f"/api/family/ties/{asked['id']}")).status_code == 204
        assert (await other.client.post(f"/api/family/ties/{asked['id']}/accept")).json()["code"] == "invitation_over"


async def test_guardian_and_helper_work_by_forms_and_are_told_what_is_wrong(home: FamilyCity):
    parent, helper = await home.adult(), await home.adult()
    child = await home.child_of(parent)
    place = f"/family/children/{child.id}"
    tie = await home.linked(parent, helper, Role.HELPER, home.mandate(200_00))
    await home.bill(parent)
    async with phone_of(home, parent) as phone, phone_of(home, helper) as other:
        await phone.open(place)
        key = phone.hidden("key")
        for amount, status in (("x", 422), ("-1", 422), ("5000", 403)):
            assert (await phone.send(f"{place}/top-up", amount=amount, key=key)).status_code == status
        for _ in range(2):
            assert (await phone.send(f"{place}/top-up", amount="12.50", key=key)).status_code == 303
        assert await home.city.balance(child) == 12_50
        for limit, status in (("0", 303), ("x", 422), ("20000", 422), ("30", 303)):
            assert (await phone.send(f"{place}/cap", limit=limit)).status_code == status
        assert (await other.open(place)).status_code == 404
        assert (await other.open("/family/children/abc")).status_code == 404
        assert (await phone.open(f"/family/for/{tie.id}")).status_code == 404

        await other.open(f"/family/for/{tie.id}")
        assert f"You act for {parent.masked_name}" in other.page
        assert SECRET not in other.page
        pay = {"bill": other.hidden("bill"), "key": other.hidden("key")}
        assert (await other.send(f"/family/for/{tie.id}/pay", **pay, passcode="314159")).status_code == 403
        for _ in range(2):
            done = await other.send(f"/family/for/{tie.id}/pay", **pay, passcode=PASSCODE)
            assert done.headers["location"] == f"/family/for/{tie.id}?done=1"
        assert await home.city.balance(parent) == 1_000_00 - 12_50 - 113_20


async def test_program_registers_caps_and_invites_and_gets_codes_for_what_is_wrong(home: FamilyCity):
    parent, second = await home.adult(), await home.adult()
    new = home.new_child()
    async with phone_of(home, parent) as phone:
        client = phone.client
        body = {"name": new.name, "id_number": new.id_number}
        child = (await client.post("/api/family/children", json=body)).json()
        assert (child["name"], child["cap"]) == (new.name, None)
        assert (await client.put(f"/api/family/children/{child['id']}/cap", json={"amount": 50_00})).status_code == 204
        assert (await client.get("/api/family")).json()["children"][0]["cap"] == 50_00
        assert (await client.delete(f"/api/family/children/{child['id']}/cap")).status_code == 204
        asking = {"role": "guardian", "phone": second.phone, "child": child["id"], "passcode": PASSCODE}
        assert (await client.post("/api/family/invitations", json=asking)).json()["state"] == "invited"
        for path, wrong, code in (
            ("/api/family/children", {**body, "id_number": "1"}, "id_number_invalid"),
            ("/api/family/children", {**body, "more": 1}, "body_invalid"),
            ("/api/family/invitations", {"role": "king", "phone": "1"}, "body_invalid"),
            ("/api/family/invitations", {"role": "helper", "phone": second.phone}, "terms_invalid"),
            ("/api/family/invitations", {**asking, "child": "1"}, "child_unknown"),
            ("/api/family/invitations", {**asking, "role": "relative", "kinds": ["seat"]}, "terms_invalid"),
            ("/api/family/invitations", {**asking, "days": 10**9}, "body_invalid"),
        ):
            refused = await client.post(path, json=wrong)
            assert refused.json()["code"] == code, refused.text
        big = await client.put(f"/api/family/children/{child['id']}/cap", json={"amount": 2**70})
        assert big.json()["code"] == "cap_invalid"


async def test_display_is_kept_in_the_browser_and_with_the_person(home: FamilyCity):
    person = await home.adult()
    async with phone_of(home, person) as phone:
        await phone.open("/me/display")
        assert '<html lang="en">' in phone.page
        await phone.send("/me/display", percent="150", simple="true")
        assert phone.client.cookies[DISPLAY_COOKIE] == "150-simple"
        await phone.open("/me/display")
        assert 'class="large type-150"' in phone.page
        assert (await home.city.ground.people.citizen(person.id)).display == "150-simple"
        await phone.send("/me/display", percent="999")
        assert (await home.city.ground.people.citizen(person.id)).display == ""
        phone.client.cookies.set(DISPLAY_COOKIE, "'><script>")
        assert "<script>'" not in (await phone.open("/me/display")).text
