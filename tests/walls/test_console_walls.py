"""Every address of the console, as every role, in two organisations: nobody comes in without the right, or to what is another's."""

from __future__ import annotations

import re

import httpx
import pytest

from haihe.organisations.model import RIGHTS, Role
from haihe.web.guards import STAFF_COOKIE
from tests.walls.conftest import WalledCity
from tests.walls.console import DOORS, THINGS, WALLS, Wall

PARAMETER = re.compile(r"\{\w+:\w+\}")
OF_ALL = {"day"}
"""Things that everybody has of their own under the same name."""
SHUT = {403, 404, 410}
"""410 is what a visit at a counter says that is over, or was never there."""


def test_right_is_needed_wherever_something_is_done():
    assert not DOORS & WALLS.keys()
    assert [place for place, wall in WALLS.items() if PARAMETER.search(place) and not wall.thing] == []


@pytest.mark.timeout(300)
async def test_every_address_of_the_console_keeps_out_whom_it_must(walled: WalledCity):
    declared = {one for one in walled.routes() if one.split(" ")[1].startswith("/console")}
    assert declared == DOORS | WALLS.keys(), "say in tests/walls/console.py who may come here"
    kinds = {wall.kind for wall in WALLS.values()}
    homes = {kind: walled.ask("SELECT id FROM organisations WHERE kind = %s ORDER BY id", kind) for kind in kinds}
    others = {
        kind: walled.ask("SELECT id FROM organisations WHERE kind = %s ORDER BY id OFFSET 1", kind) for kind in kinds
    }
    others = {kind: other or homes["utility" if kind != "utility" else "bus_company"] for kind, other in others.items()}
    assert None not in homes.values(), homes
    await walled.employ(sorted({*homes.values(), *others.values()}))
    await make_things(walled, homes)
    faults: list[str] = []
    async with walled.browser() as client:
        for place, wall in WALLS.items():
            faults += await tried(walled, client, place, wall, homes[wall.kind], others[wall.kind])
    assert not faults, "\n".join(faults)


async def tried(
    walled: WalledCity, client: httpx.AsyncClient, place: str, wall: Wall, home: int, other: int
) -> list[str]:
    """Try an address as a stranger and as everybody of both organisations; tell what should not be."""
    method, path = place.split(" ")
    thing = walled.ask(THINGS[wall.thing], home) if wall.thing else ""
    if wall.thing and thing is None:
        return [f"{place}: the city has no {wall.thing}"]
    address = PARAMETER.sub(str(thing), path)
    faults = []

    async def knock(token: str, expected: set[int], who: str) -> None:
        client.cookies.set(STAFF_COOKIE, token, domain="city.test", path="/")
        answer = await client.request(method, address)
        if answer.status_code not in expected:
            faults.append(f"{place} as {who}: {answer.status_code}")

    client.cookies.delete(STAFF_COOKIE) if STAFF_COOKIE in client.cookies else None
    answer = await client.request(method, address)
    if answer.status_code != 303 or "/console/sign-in" not in answer.headers["location"]:
        faults.append(f"{place} as a stranger: {answer.status_code}")
    for role in Role:
        has_right = wall.right is None or wall.right in RIGHTS[role]
        if not has_right:
            await knock(walled.tokens[home, role], SHUT, role)
        elif method == "GET" and wall.is_shown:
            await knock(walled.tokens[home, role], {200}, role)
        if wall.thing and wall.thing not in OF_ALL:
            await knock(walled.tokens[other, role], SHUT, f"another organisation's {role}")
    return faults


async def make_things(walled: WalledCity, homes: dict[str, int]) -> None:
    """Make what the demo's founding does not: a request, a look at a record, a visit at the counter, a contribution."""
    organisations, staffing = walled.house.ground.organisations, walled.house.staffing
    admin = await organisations.staff(walled.tokens[homes["bus_company"], Role.ADMINISTRATOR])
    cashier = await organisations.staff(walled.tokens[homes["bus_company"], Role.CASHIER])
    assert (await staffing.team.give_role(admin, cashier.person, Role.MANAGER)).asked
    citizen, _ = await walled.citizens()
    clerk = await organisations.staff(walled.tokens[homes["hospital"], Role.CASHIER])
    now, ids = walled.house.base.clock.now(), walled.house.base.ids
    walled.ask(
        "INSERT INTO clinic_looks (id, staff, hospital, patient, at) VALUES (%s, %s, %s, %s, %s)",
        ids.next(), clerk.person, homes["hospital"], citizen.id, now,
    )  # fmt: skip
    walled.ask(
        "INSERT INTO desk_visits (id, organisation, clerk, citizen, opened_at, bucket, found_by) VALUES (%s, %s, %s, %s, %s, %s, 1)",
        ids.next(), homes["service"], clerk.person, citizen.id, now, citizen.bucket,
    )  # fmt: skip
    walled.ask(
        """
        INSERT INTO contributions (person, id, organisation, amount, subsidy, payment, payer, recorded_at, covered_from, year, bucket, tier, receipt)
        VALUES (%s, %s, %s, 0, 100, 0, %s, %s, %s, 2020, -1, 'basic', '202000000000000000000000')
        """,
        citizen.id, ids.next(), homes["social"], citizen.id, now, now.date(),
    )  # fmt: skip
