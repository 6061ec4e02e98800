from __future__ import annotations

from haihe.ops.access import Access
from haihe.payments.dues.model import DueStatus
from haihe.sectors import education
from tests.grounds import SectorCity, open_ground


async def rows(city: SectorCity) -> list[tuple[object, ...]]:
    async with city.database.connection() as connection:
        cursor = await connection.execute("SELECT subject, period, amount, status FROM dues ORDER BY id")
        return await cursor.fetchall()


async def test_demo_gives_everyone_for_trying_out_a_child_with_an_open_fee_and_is_repeated_without_effect(
    database: Access,
):
    async with open_ground(database, education.branch) as city:
        citizens = await city.register(60)
        await city.found(citizens, reserved=20)
        before = await rows(city)
        await city.found(citizens, reserved=20)
        assert await rows(city) == before
        schools = city.branches[0].part.dependencies["schools"]
        for citizen in citizens[:20]:
            (child,) = await schools.children(citizen.id)  # type: ignore[attr-defined]
            assert child.pupil.name[0] == citizen.name[0]
            assert [due.status for due in child.fees] == [DueStatus.OPEN]
        assert {await city.balance(citizen) for citizen in citizens} == {1_000_00}
        assert city.verified() == []
