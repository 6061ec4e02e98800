from __future__ import annotations

from haihe.ops.access import Access
from haihe.payments.dues.model import DueStatus
from haihe.sectors import health
from haihe.sectors.health.model import NUMBER, Split
from haihe.sectors.health.telling import read_body
from tests.grounds import SectorCity, open_ground


async def dues(city: SectorCity) -> list[tuple[object, ...]]:
    async with city.database.connection() as connection:
        cursor = await connection.execute("SELECT id, subject, amount, status FROM dues ORDER BY id")
        return await cursor.fetchall()


async def test_demo_has_story_h1_is_repeated_without_effect_and_moves_nobody_s_wallet(database: Access):
    async with open_ground(database, health.branch) as city:
        citizens = await city.register(60)
        await city.found(citizens, reserved=20)
        before = await dues(city)
        assert len(before) == 3 + 7  # every third of the others is insured, every second of those has a bill
        await city.found(citizens, reserved=20)
        assert await dues(city) == before
        first = citizens[0]
        (due,) = await city.ground.dues.of_subjects(NUMBER, [first.id])
        assert (due.status, read_body(due).split) == (DueStatus.OPEN, Split(100_00, 110_00, 90_00))
        quote = await city.payments.quote(city.viewer(first), f"clinic-{due.id}", "en")
        assert [part.amount for part in quote.parts] == [110_00, 60_00, 130_00]
        assert {await city.balance(citizen) for citizen in citizens} == {1_000_00}
        assert city.verified() == []
