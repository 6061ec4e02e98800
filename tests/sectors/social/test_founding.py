from __future__ import annotations

from haihe.ops.access import Access
from haihe.people.rules import age
from haihe.sectors import social
from haihe.sectors.social import store
from tests.grounds import open_ground


async def test_demo_has_a_bureau_and_a_parent_for_its_first_citizens_however_often_it_is_founded(database: Access):
    async with open_ground(database, social.branch) as city:
        citizens = await city.register(60, 0)
        for _ in range(2):
            await city.found(citizens, reserved=5)
        bureau = city.ground.organisations.by_key("jinhe-social")
        assert bureau
        assert [member.login for member in await city.ground.organisations.staff_of(bureau.id)] == [
            "social-accountant",
            "social-manager",
        ]
        async with city.database.connection() as connection:
            (programme,) = await store.programmes(connection)
            parents = [await store.relatives(connection, one.id) for one in citizens[:3]]
            standings = await store.standings(connection, [one.id for one in citizens], city.clock.now().date())
        today = city.clock.now().date()
        fitting = [one for one in citizens[5:] if 50 <= age(one.birth_date, today) <= 59]
        assert programme.organisation == bureau.id
        assert len(fitting) >= 3
        assert [len(one) for one in parents] == [1, 1, 1]
        assert len({one[0] for one in parents}) == 3
        assert {one[0] for one in parents} <= {one.id for one in fitting}
        assert standings == {citizens[3].id: {"low-income"}, citizens[4].id: {"student"}}
        assert await city.ground.dues.followed(citizens[0].id, 7) == parents[0]
        assert not city.verified()
