"""demo.json: who and what can be used in the demo city, written whole at every start and after imports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from haihe.base.clock import service_day
from haihe.base.home import Home
from haihe.counter.model import DRIVER, NewTerminal
from haihe.ops import demo_store
from haihe.ops.demo_people import password
from haihe.ops.offices import Offices
from haihe.organisations.model import FoundingStaff, Role
from haihe.people.model import FoundingCitizen
from haihe.people.service import People
from haihe.sectors.transit.model import KIND

STICKERS_LISTED_MAX: Final = 1_000
TOKEN_LIFETIME: Final = timedelta(days=3650)
"""As long as a demo's home may live."""
PAYEE_LANGUAGE: Final = "zh"
"""The language in which the payment API names payees."""


@dataclass(frozen=True, slots=True)
class _ListedBus:
    code: str
    vehicle: int
    organisation: int
    amount: int


async def write_demo_file(
    offices: Offices, people: People, listed: Sequence[FoundingCitizen], *, home: Home, key: bytes
) -> None:
    """Write demo.json: `listed` are the citizens as they were founded, `key` the home's."""
    buses = await _buses(offices)
    content = {
        "base_url": offices.stickers.base_url,
        "citizens": await _citizens(people, listed),
        "stickers": [_sticker(offices, bus) for bus in buses],
        "terminals": await _terminals(offices, buses),
        "staff": await _staff(offices, key),
    }
    home.write_private(home.demo.name, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


async def rewrite_catalogue(offices: Offices, *, home: Home, key: bytes) -> None:
    """Bring stickers, terminals and staff of an existing demo.json up to date, as an import changed them."""
    if not home.demo.exists():
        return
    content: dict[str, object] = json.loads(home.demo.read_text())
    buses = await _buses(offices)
    content["stickers"] = [_sticker(offices, bus) for bus in buses]
    content["terminals"] = await _terminals(offices, buses)
    content["staff"] = await _staff(offices, key)
    home.write_private(home.demo.name, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def demo_address(home: Home) -> str | None:
    """Tell under which address the demo city was last started; None where there is no demo.json."""
    if not home.demo.exists():
        return None
    address: str = json.loads(home.demo.read_text())["base_url"]
    return address


async def _citizens(people: People, listed: Sequence[FoundingCitizen]) -> list[Mapping[str, str]]:
    stored = await people.found(listed)
    return [
        {
            "name": citizen.name,
            "phone": citizen.phone,
            "passcode": founding.passcode or "",
            "token": people.issue_token(citizen, TOKEN_LIFETIME),
            "class": citizen.citizen_class.name,
        }
        for citizen, founding in zip(stored, listed, strict=True)
    ]


async def _buses(offices: Offices) -> list[_ListedBus]:
    async with offices.base.database.connection() as connection:
        found = await demo_store.stickers_in_use(connection, limit=STICKERS_LISTED_MAX)
    today = service_day(offices.base.clock.now())
    listed = []
    for code, vehicle in found:
        bus = offices.catalogue.bus(vehicle)
        if bus is not None:
            line = bus[1]
            listed.append(_ListedBus(code, vehicle, line.organisation, offices.catalogue.fare(line, today)))
    return listed


def _sticker(offices: Offices, bus: _ListedBus) -> dict[str, object]:
    return {
        "kind": KIND,
        "code": bus.code,
        "url": offices.stickers.url(bus.code),
        "payee": offices.organisations.by_id(bus.organisation).name(PAYEE_LANGUAGE),
        "amount": bus.amount,
    }


async def _terminals(offices: Offices, buses: Sequence[_ListedBus]) -> list[dict[str, str]]:
    """Have a driver's screen on every listed bus; `code` names the sticker of the same bus."""
    wanted = {bus.vehicle: NewTerminal(bus.organisation, DRIVER, bus.vehicle) for bus in buses}
    found = await offices.terminals.found(list(wanted.values()))
    codes = {bus.vehicle: bus.code for bus in buses}
    return [
        {
            "id": str(terminal.id),
            "kind": terminal.kind,
            "url": offices.terminals.pairing_url(terminal, TOKEN_LIFETIME),
            "code": codes[terminal.point],
        }
        for terminal in found
    ]


async def _staff(offices: Offices, key: bytes) -> list[dict[str, str]]:
    """List the staff whose passwords are derived from the home; an organisation without any gets a manager."""
    listed = []
    for organisation in sorted(offices.organisations.everyone(), key=lambda one: one.id):
        members = await offices.organisations.staff_of(organisation.id)
        if not members:
            login = f"manager@{organisation.key}"
            manager = FoundingStaff(
                organisation=organisation.id,
                login=login,
                name="Manager",
                role=Role.MANAGER,
                password=password(key, login),
            )
            await offices.organisations.found_staff([manager])
            members = await offices.organisations.staff_of(organisation.id)
        listed += [
            {
                "organisation": organisation.name(PAYEE_LANGUAGE),
                "role": member.role.value,
                "login": member.login,
                "password": password(key, member.login),
            }
            for member in members
        ]
    return listed
