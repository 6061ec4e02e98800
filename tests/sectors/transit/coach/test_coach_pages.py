from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from haihe.base.i18n import LANGUAGES, translate
from haihe.base.tokens import TokenInvalid
from haihe.ops.access import Access
from haihe.people.model import Citizen
from haihe.sectors.transit.coach import errors, rules
from haihe.web.assembly import assemble
from haihe.web.guards import SESSION_COOKIE, STAFF_COOKIE, Renewal, Staff, Viewer
from haihe.web.part import Part
from tests.coaches import CoachCity, code_of, network, open_coach_city
from tests.grounds import BASE_URL


@dataclass
class Door:
    """Knows citizens by bucket and id, staff by role and organisation."""

    async def viewer(self, token: str) -> Viewer:
        bucket, _, citizen = token.partition("-")
        if not citizen:
            raise TokenInvalid
        return Viewer(int(citizen), int(bucket), 1)

    async def renewed(self, token: str) -> Renewal | None:
        raise AssertionError(token)

    async def staff(self, token: str) -> Staff:
        role, _, organisation = token.partition("-")
        return Staff(7, int(organisation), 1, role, "Zheng", "Fast Coaches")


@dataclass
class Visitor:
    client: httpx.AsyncClient

    async def get(self, path: str, **query: object) -> httpx.Response:
        return await self.client.get(path, params={name: str(value) for name, value in query.items()})

    async def send(self, page: httpx.Response, **typed: str) -> httpx.Response:
        """Post the form of a page, with its hidden fields."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        return await self.client.post(str(page.url), data={**hidden, **typed})


@asynccontextmanager
async def visiting(here: CoachCity, *, cookies: dict[str, str], language: str = "en") -> AsyncIterator[Visitor]:
    parts = [here.city.branches[0].part, Part("organisations", dependencies={"payments": here.city.payments})]
    app = assemble(parts, doorkeeper=Door(), form_key="k" * 64, leaving=asyncio.Event())
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    headers = {"Accept-Language": language, "Accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, cookies=cookies, headers=headers) as client:
        yield Visitor(client)


def citizen(one: Citizen) -> dict[str, str]:
    return {SESSION_COOKIE: f"{one.bucket}-{one.id}"}


def text_of(page: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


async def test_citizen_chooses_orders_and_shows_the_ticket(database: Access):
    async with open_coach_city(database) as here:
        rider, stranger = await here.city.neighbours()
        where = {"from": here.stop("north"), "to": here.stop("south"), "day": here.tomorrow}
        async with visiting(here, cookies=citizen(rider)) as visitor:
            chosen = await visitor.get("/transit", **where)
            assert text_of(chosen).count("45 seats left") == 3
            path = f"/transit/coaches/{here.departures(here.fast)[0].id}"
            ride = await visitor.get(path, **where)
            assert "Fare for 120 km ¥25.92 Motorway surcharge ¥4.22 Together ¥30.14" in text_of(ride)
            answers = [await visitor.send(ride) for _ in range(2)]
            assert {answer.status_code for answer in answers} == {303}
            (held,) = await here.coaches.tickets_of(rider.id)
            assert {answer.headers["location"] for answer in answers} == {f"/s/{code_of(held)}"}
            assert "not paid yet" in text_of(await visitor.get("/transit"))
            address = f"/transit/tickets/{held.id}"
            unpaid = await visitor.get(address)
            assert (unpaid.status_code, unpaid.headers["location"]) == (303, f"/s/{code_of(held)}")
            assert held.code not in unpaid.text
            await here.city.pay(rider, code_of(held))
            ticket = await visitor.get(address)
            assert rules.written_code(held.code) in text_of(ticket)
            assert 'class="qr"' in ticket.text
            assert f'href="{address}"' in (await visitor.get("/transit")).text
        async with visiting(here, cookies=citizen(stranger)) as visitor:
            assert (await visitor.get(address)).status_code == 404
            assert held.code not in (await visitor.get("/transit")).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_cannot_be_ordered_is_said_above_the_choices(database: Access, language: str):
    async with open_coach_city(database, network(seats=1)) as here:
        rider, other = await here.city.neighbours()
        north, middle, south = (here.stop(key) for key in ("north", "middle", "south"))
        path = f"/transit/coaches/{here.departures(here.fast)[0].id}"
        async with visiting(here, cookies=citizen(rider), language=language) as visitor:
            wrong = [
                ({"from": north, "to": north, "day": here.tomorrow}, errors.SamePlace),
                ({"from": south, "to": middle, "day": here.tomorrow}, errors.WrongWay),
                ({"from": north, "to": 5, "day": here.tomorrow}, errors.NoCoach),
                ({"from": north, "to": "x", "day": here.tomorrow}, errors.NoCoach),
                ({"from": north, "to": south, "day": here.tomorrow - timedelta(days=2)}, errors.Departed),
                ({"from": north, "to": south, "day": here.tomorrow + timedelta(days=99)}, errors.NotOnSale),
            ]
            for query, refusal in wrong:
                for place in ("/transit", path):
                    page = await visitor.get(place, **query)
                    assert page.status_code == refusal.status
                    assert translate(language, refusal.text) in text_of(page)
            ride = await visitor.get(path, **{"from": north, "to": south, "day": here.tomorrow})
            await here.order(other)
            late = await visitor.send(ride)
            assert late.status_code == 409
            assert translate(language, errors.SoldOut.text) in text_of(late)
            assert (await visitor.get("/transit/coaches/99999999999999999999")).status_code == 404
            assert (await visitor.get("/transit/tickets/x")).status_code == 404
            assert await here.coaches.tickets_of(rider.id) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_driver_sees_in_colour_and_words_what_a_ticket_is(database: Access, language: str):
    async with open_coach_city(database) as here:
        (rider,) = await here.city.register(1)
        ticket = await here.buy(rider)
        first, second = here.departures(here.fast)
        cookies = {STAFF_COOKIE: f"driver-{here.fast.id}"}
        async with visiting(here, cookies=cookies, language=language) as visitor:
            for departure, code, verdict, title in (
                (second, ticket.code, "other", "Another coach"),
                (first, "ABCD2345WXYZ", "unknown", "Unknown ticket"),
                (first, ticket.code, "valid", "Valid"),
                (first, ticket.code, "used", "Already used"),
            ):
                page = await visitor.get(f"/console/coach/check/{departure.id}", day=here.tomorrow)
                told = await visitor.send(page, text=code)
                assert told.status_code == 200
                assert f'data-verdict="{verdict}"' in told.text
                assert translate(language, title) in text_of(told)
            assert (await visitor.send(page)).status_code == 422
            assert (await visitor.get("/console/coach/check/1")).status_code == 404


async def test_company_sees_its_own_day_with_masked_passengers(database: Access):
    async with open_coach_city(database) as here:
        (rider,) = await here.city.register(1)
        await here.buy(rider)
        await here.order(rider)
        run = f"/console/coach/runs/{here.departures(here.fast)[0].id}"
        async with visiting(here, cookies={STAFF_COOKIE: f"manager-{here.fast.id}"}) as visitor:
            day = text_of(await visitor.get("/console/coach", day=here.tomorrow))
            assert "14:30 north stop → south stop 1 1 43 0 ¥30.14" in day
            page = await visitor.get(run, day=here.tomorrow)
            assert rider.masked_name in page.text
            assert rider.name not in page.text
        async with visiting(here, cookies={STAFF_COOKIE: f"driver-{here.fast.id}"}) as visitor:
            assert "¥30.14" not in (await visitor.get("/console/coach", day=here.tomorrow)).text
            assert (await visitor.get("/console/coach/check")).status_code == 200
        async with visiting(here, cookies={STAFF_COOKIE: f"manager-{here.slow.id}"}) as visitor:
            assert (await visitor.get(run, day=here.tomorrow)).status_code == 404
            assert "¥30.14" not in (await visitor.get("/console/coach", day=here.tomorrow)).text
        async with visiting(here, cookies={STAFF_COOKIE: f"accountant-{here.fast.id}"}) as visitor:
            assert (await visitor.get("/console/coach/check")).status_code == 403
            assert (await visitor.get(run.replace("runs", "check"))).status_code == 403
