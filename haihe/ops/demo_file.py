"""demo.json: who and what can be used in the demo city, written whole at every start and after imports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.home import Home
from haihe.base.i18n import SOURCE_LANGUAGE, translate
from haihe.codes.model import Sticker
from haihe.counter.branch import trades_of
from haihe.counter.model import DRIVER, NewTerminal
from haihe.ops import demo_store
from haihe.ops.demo_people import password
from haihe.ops.offices import Offices
from haihe.organisations.model import ROLE_NAMES, FoundingStaff, Organisation, Role, StaffMember
from haihe.payments.model import Scan
from haihe.people.model import FoundingCitizen
from haihe.people.service import People
from haihe.sectors.transit.model import KIND

STICKERS_LISTED_MAX: Final = 1_000
TOKEN_LIFETIME: Final = timedelta(days=3650)
"""As long as a demo's home may live."""
PAYEE_LANGUAGE: Final = "zh"
"""The language in which the payment API names payees."""


async def write_demo_file(
    offices: Offices, people: People, listed: Sequence[FoundingCitizen], *, home: Home, key: bytes
) -> None:
    """Write demo.json: `listed` are the citizens as they were founded, `key` the home's."""
    stickers = await _stickers(offices)
    content = {
        "base_url": offices.stickers.base_url,
        "citizens": await _citizens(people, listed),
        "stickers": [await _sticker(offices, sticker) for sticker in stickers],
        "terminals": await _terminals(offices, stickers),
        "staff": await _staff(offices, key),
    }
    home.write_private(home.demo.name, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


async def rewrite_catalogue(offices: Offices, *, home: Home, key: bytes) -> None:
    """Bring stickers, terminals and staff of an existing demo.json up to date, as an import changed them."""
    if not home.demo.exists():
        return
    content: dict[str, object] = json.loads(home.demo.read_text())
    stickers = await _stickers(offices)
    content["stickers"] = [await _sticker(offices, sticker) for sticker in stickers]
    content["terminals"] = await _terminals(offices, stickers)
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


async def _stickers(offices: Offices) -> list[Sticker]:
    async with offices.base.database.connection() as connection:
        return await demo_store.stickers_in_use(connection, limit=STICKERS_LISTED_MAX)


async def _sticker(offices: Offices, sticker: Sticker) -> dict[str, object]:
    return {
        "kind": sticker.kind,
        "code": sticker.code,
        "url": offices.stickers.url(sticker.code),
        "payee": offices.organisations.by_id(sticker.organisation).name(PAYEE_LANGUAGE),
        "amount": await _price(offices, sticker),
    }


async def _price(offices: Offices, sticker: Sticker) -> int | None:
    """Say what a sticker costs in fen, None where the payer says it."""
    now = offices.base.clock.now()
    scan = Scan(sticker.kind, sticker.point, sticker.organisation, payer=0, bucket=0, at=now)
    trade = trades_of(offices.branches).get(sticker.kind)
    try:
        return (await trade.price(scan)).amount if trade else None
    except Refusal:
        return None


async def _terminals(offices: Offices, stickers: Sequence[Sticker]) -> list[dict[str, str]]:
    """Have a driver's screen on every listed bus, and list all other terminals; `code` names the sticker of the same point."""
    buses = [NewTerminal(one.organisation, DRIVER, one.point) for one in stickers if one.kind == KIND]
    drivers = await offices.terminals.found(list({bus.point: bus for bus in buses}.values()))
    codes = {sticker.point: sticker.code for sticker in stickers}
    return [
        {
            "id": str(terminal.id),
            "kind": terminal.kind,
            "url": offices.terminals.pairing_url(terminal, TOKEN_LIFETIME),
            "code": codes.get(terminal.point, ""),
        }
        for terminal in (*drivers, *await offices.terminals.others(DRIVER))
    ]


async def _staff(offices: Offices, key: bytes) -> list[dict[str, str]]:
    """List the staff whose passwords are derived from the home; an organisation gets the manager and the administrator that it lacks."""
    listed = []
    for organisation in sorted(offices.organisations.everyone(), key=lambda one: one.id):
        members = await offices.organisations.staff_of(organisation.id)
        if lacking := _lacking(organisation, members, key):
            await offices.organisations.found_staff(lacking)
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


def _lacking(organisation: Organisation, members: Sequence[StaffMember], key: bytes) -> list[FoundingStaff]:
    """Make up the manager of an organisation without staff, and the administrator of one that has none, named after the manager."""
    managers = [one.login for one in members if one.role is Role.MANAGER]
    manager = managers[0] if managers else f"manager@{organisation.key}"
    wanted = {Role.ADMINISTRATOR: manager.replace("manager", "administrator", 1)}
    if not members:
        wanted[Role.MANAGER] = manager
    language = members[0].language if members else SOURCE_LANGUAGE
    there = {one.role for one in members}
    return [
        FoundingStaff(
            organisation=organisation.id,
            login=login,
            name=translate(language, ROLE_NAMES[role]),
            role=role,
            password=password(key, login),
            language=language,
        )
        for role, login in wanted.items()
        if role not in there
    ]
