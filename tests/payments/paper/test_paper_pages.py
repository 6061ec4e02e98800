"""A citizen has, prints, caps and revokes the own paper card; nobody else's."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from haihe.ops.access import Access
from tests.citizens import found_with_money, founding
from tests.grounds import SectorCity, open_ground
from tests.sector_pages import visiting

PATH = "/me/paper-card"
PASSCODE = "271828"


@pytest.fixture
async def city(database: Access) -> AsyncIterator[SectorCity]:
    async with open_ground(database) as opened:
        yield opened


async def test_citizen_issues_prints_caps_and_revokes_a_card(city: SectorCity):
    citizens = [founding(passcode=PASSCODE) for _ in range(2)]
    citizen, other = await found_with_money(
        city.ground.people, city.database, citizens, money=100_00, now=city.clock.now()
    )
    async with visiting(city, citizen=citizen) as phone:
        await phone.open(PATH)
        assert (await phone.open(f"{PATH}/print")).status_code == 404
        await phone.open(PATH)
        for typed, status in (
            ({"daily": "100", "passcode": "000000"}, 403),
            ({"daily": "100"}, 403),
            ({"daily": "500.01", "passcode": PASSCODE}, 422),
            ({"daily": "0", "passcode": PASSCODE}, 422),
            ({"daily": "x", "passcode": PASSCODE}, 422),
        ):
            assert (await phone.send(PATH, do="issue", **typed)).status_code == status, typed
        assert (await phone.send(PATH, do="revoke")).status_code == 404
        assert (await phone.send(PATH, do="issue", daily="80", passcode=PASSCODE)).status_code == 303
        sheet = (await phone.open(f"{PATH}/print")).text
        shown = re.search(r'data-paper-code="(\d{24})"', sheet)
        assert shown
        assert (await city.payments.papers.find(shown[1])).citizen == citizen.id
        await phone.open(PATH)
        assert (await phone.send(PATH, do="daily", daily="60", passcode=PASSCODE)).status_code == 303
        assert (await city.payments.papers.holding(citizen.id, citizen.bucket)).daily == 60_00
        assert (await phone.send(PATH, do="revoke")).status_code == 303
        assert (await phone.open(f"{PATH}/print")).status_code == 404
    async with visiting(city, citizen=other) as stranger:
        await stranger.open(PATH)
        assert (await stranger.send(PATH, do="revoke")).status_code == 404
    assert city.verified() == []
