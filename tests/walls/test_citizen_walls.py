"""Every address of a citizen's things, asked by another citizen and by a stranger; and every other address, by a stranger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from haihe.base.clock import service_day
from haihe.people.model import Citizen
from haihe.web.guards import SESSION_COOKIE
from tests.citizens import founding
from tests.families import id_number
from tests.walls.citizens import FOR_STRANGERS, MADE, OF_NOBODY, OF_TERMINALS, OWN, THINGS, Own
from tests.walls.conftest import WalledCity

PARAMETER = re.compile(r"\{\w+:\w+\}")
SHUT = {403, 404}
STRANGER = """
SELECT c.id
FROM citizens c
WHERE NOT EXISTS (SELECT FROM follows f WHERE f.citizen = c.id AND f.subject = %s)
    AND NOT EXISTS (SELECT FROM family_ties t WHERE c.id IN (t.owner, t.member))
    AND c.id <> ALL(%s)
ORDER BY c.id DESC
LIMIT 1
"""
SIGN_IN = timedelta(hours=1)


@pytest.mark.timeout(300)
async def test_what_is_a_citizens_is_hidden_from_every_other_one_and_from_strangers(walled: WalledCity):
    routes = {one for one in walled.routes() if not one.split(" ")[1].startswith("/console")}
    declared = OWN.keys() | OF_NOBODY | OF_TERMINALS
    assert {one for one in routes if PARAMETER.search(one)} == declared, "say in tests/walls/citizens.py whose it is"
    owner, other = await walled.citizens()
    await make_things(walled, owner, other)
    faults: list[str] = []
    async with walled.browser() as client:
        for place, own in OWN.items():
            faults += await tried(walled, client, place, own)
        for place in sorted(routes - declared - FOR_STRANGERS):
            faults += await knocked(client, place)
    assert not faults, "\n".join(faults)


async def tried(walled: WalledCity, client: httpx.AsyncClient, place: str, own: Own) -> list[str]:
    """Try an address as a stranger, as another citizen, and as its owner; tell what should not be."""
    with psycopg.connect(walled.owner_dsn) as connection:
        row = connection.execute(f"{THINGS[own.thing]} LIMIT 1".encode()).fetchone()
        if row is None:
            return [f"{place}: the city has no {own.thing}"]
        thing, owner = row
        stranger = connection.execute(STRANGER, (thing, [owner, thing])).fetchone()
    assert stranger
    method, path = place.split(" ")
    address = PARAMETER.sub(str(thing), path)
    faults = await knocked(client, f"{method} {address}")
    answer = await as_citizen(walled, client, stranger[0], method, address, own.body)
    untouched = bool(own.still) and walled.ask(own.still, thing) == 1 and answer.status_code < 400
    if answer.status_code not in SHUT and not untouched:
        faults.append(f"{place} as another citizen: {answer.status_code}")
    if own.is_shown:
        answer = await as_citizen(walled, client, owner, method, address)
        if answer.status_code != 200:
            faults.append(f"{place} as its owner: {answer.status_code}")
    return faults


async def as_citizen(
    walled: WalledCity,
    client: httpx.AsyncClient,
    citizen: int,
    method: str,
    address: str,
    body: Mapping[str, object] | None = None,
) -> httpx.Response:
    people = walled.house.ground.people
    token = people.issue_token(await people.citizen(citizen), SIGN_IN)
    client.cookies.set(SESSION_COOKIE, token, domain="city.test", path="/")
    try:
        headers = {"authorization": f"Bearer {token}", "idempotency-key": f"{citizen} {address}"}
        return await client.request(method, address, headers=headers, json=body)
    finally:
        client.cookies.delete(SESSION_COOKIE)


async def knocked(client: httpx.AsyncClient, place: str) -> list[str]:
    """Knock as a stranger: a page leads to sign in, the API says 401; a form may also be refused as it is."""
    method, address = place.split(" ")
    if method != "GET" and not address.startswith("/api/"):
        return []
    answer = await client.request(method, address)
    leads = answer.status_code == 303 and "/sign-in" in answer.headers.get("location", "")
    return [] if leads or answer.status_code == 401 else [f"{place} as a stranger: {answer.status_code}"]


async def minor(walled: WalledCity) -> Citizen:
    """Found a child of nine."""
    born = service_day(walled.house.base.clock.now()) - timedelta(days=9 * 366)
    [child] = await walled.house.ground.people.found([founding(id_number=id_number(born))])
    return child


async def make_things(walled: WalledCity, owner: Citizen, other: Citizen) -> None:
    """Make a citizen something of everything."""
    shown = await walled.house.codes.issue(citizen=owner.id, bucket=owner.bucket)
    values: dict[str, Any] = {
        "citizen": owner.id,
        "bucket": owner.bucket,
        "other": other.id,
        "minor": (await minor(walled)).id,
        "code": str(shown.code),
        "secret": b"c" * 32,
    }
    with psycopg.connect(walled.owner_dsn, autocommit=True) as connection:
        for statement in MADE:
            connection.execute(statement.encode(), values)
        connection.execute(
            """
            INSERT INTO sign_ins (session, citizen, signed_in_at, seen_at, expires_at, way, device, browser, system)
            VALUES (11200, %s, now(), now(), now() + interval '1 day', 1, %s, '', '')
            """,
            (owner.id, b"d" * 32),
        )
