from __future__ import annotations

import time

from haihe.ops.access import Access
from haihe.sectors import utilities
from haihe.sectors.utilities.model import NUMBER
from tests.grounds import open_ground

CITIZENS, RESERVED = 60, 20
FOUNDING_S_MAX = 5.0


async def test_demo_has_bills_for_the_first_citizens_and_some_others_and_founds_them_once(database: Access):
    async with open_ground(database, utilities.branch) as city:
        citizens = await city.register(CITIZENS)
        for _ in range(2):
            began = time.monotonic()
            await city.found(citizens, reserved=RESERVED)
            assert time.monotonic() - began < FOUNDING_S_MAX
        dues = city.ground.dues
        told = await city.payments.owed(city.viewer(citizens[0]), "en")
        by_icon = {owed.description.icon: owed.due.amount for owed in told}
        assert by_icon["zap"] == 113_20
        assert by_icon["heater"] == 2_137_50
        assert by_icon["tv"] == 30_00
        counts = [len(await dues.open_of(citizen.id)) for citizen in citizens]
        assert all(2 <= count <= 5 for count in counts[:RESERVED])
        assert sum(count > 0 for count in counts[RESERVED:]) == (CITIZENS - RESERVED) // 5
        async with city.database.connection() as connection:
            (holders,) = [
                row[0]
                for row in await (
                    await connection.execute("SELECT bool_and(holder ~ '^.[*]+$') FROM utility_accounts")
                ).fetchall()
            ]
            bills = await (await connection.execute("SELECT count(*) FROM dues WHERE kind = %s", (NUMBER,))).fetchone()
        assert holders
        assert bills == (sum(counts),)
        assert city.verified() == []
