import time

import pytest

from haihe.base.errors import BrokenInvariantError
from haihe.ledger import service as ledger
from haihe.people.model import CitizenClass
from tests.citizens import City, founding


async def test_thousands_are_founded_quickly_each_with_a_wallet(city: City):
    people = list({one.id_number: one for one in (founding() for _ in range(2000))}.values())
    began = time.monotonic()
    citizens = await city.people.found(people)
    assert time.monotonic() - began < 10
    assert [one.id_number for one in citizens] == [one.id_number for one in people]
    assert {one.bucket for one in citizens} == {0, 1, 2, 3}
    for bucket in range(4):
        ids = [one.id for one in citizens if one.bucket == bucket]
        async with city.database.connection() as connection:
            assert await ledger.balances(connection, bucket, ids) == dict.fromkeys(ids, 0)


async def test_founding_again_changes_nothing_and_adds_who_is_new(city: City):
    first, second = founding(passcode="314159"), founding()
    [before] = await city.people.found([first])
    again = await city.people.found([first, second])
    assert again[0] == before
    assert again[1].name == second.name
    assert before.citizen_class is CitizenClass.II
    await city.people.check_passcode(before.id, "314159")


async def test_a_phone_of_someone_else_stops_the_founding(city: City):
    one = founding()
    with pytest.raises(BrokenInvariantError):
        await city.people.found([one, founding(phone=one.phone)])
