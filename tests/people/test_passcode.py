import asyncio
from datetime import timedelta

import pytest

from haihe.people import errors
from tests.citizens import City, founding

RIGHT, WRONG = "271828", "314159"


async def test_the_right_passcode_passes_and_forgets_wrong_ones(city: City):
    citizen = (await city.citizen()).citizen
    for _ in range(3):
        for left in (4, 3):
            with pytest.raises(errors.PasscodeWrong) as caught:
                await city.people.check_passcode(citizen.id, WRONG)
            assert caught.value.details["tries_left"] == left
        await city.people.check_passcode(citizen.id, RIGHT)


async def test_five_wrong_passcodes_lock_with_honest_and_growing_waits(city: City):
    citizen = (await city.citizen()).citizen
    for minutes in (15, 30, 60):
        for _ in range(4):
            with pytest.raises(errors.PasscodeWrong):
                await city.people.check_passcode(citizen.id, WRONG)
        with pytest.raises(errors.PasscodeLocked) as caught:
            await city.people.check_passcode(citizen.id, WRONG)
        assert caught.value.details["wait_minutes"] == minutes
        city.clock.turn(timedelta(minutes=minutes, seconds=-1))
        with pytest.raises(errors.PasscodeLocked) as caught:
            await city.people.check_passcode(citizen.id, RIGHT)
        assert caught.value.details["retry_after_s"] == 1
        city.clock.turn(timedelta(seconds=1))
    await city.people.check_passcode(citizen.id, RIGHT)


async def test_tries_at_once_are_counted_one_by_one(city: City):
    citizen = (await city.citizen()).citizen
    ends = await asyncio.gather(
        *(city.people.check_passcode(citizen.id, f"{number:06d}") for number in range(10)), return_exceptions=True
    )
    assert sum(isinstance(end, errors.PasscodeWrong) for end in ends) == 4
    assert sum(isinstance(end, errors.PasscodeLocked) for end in ends) == 6


async def test_changing_the_passcode_needs_the_old_one(city: City):
    citizen = (await city.citizen()).citizen
    with pytest.raises(errors.PasscodeWrong):
        await city.people.set_passcode(citizen.id, old=WRONG, new="161803")
    with pytest.raises(errors.PasscodeWeak):
        await city.people.set_passcode(citizen.id, old=RIGHT, new="654321")
    await city.people.set_passcode(citizen.id, old=RIGHT, new="161803")
    await city.people.check_passcode(citizen.id, "161803")


async def test_who_has_none_is_asked_for_one_and_may_set_it(city: City):
    [citizen] = await city.people.found([founding()])
    with pytest.raises(errors.PasscodeMissing):
        await city.people.check_passcode(citizen.id, RIGHT)
    await city.people.set_passcode(citizen.id, old="", new=RIGHT)
    await city.people.check_passcode(citizen.id, RIGHT)
