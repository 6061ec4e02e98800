from collections import Counter
from datetime import timedelta

import pytest

from haihe.base.audit import Actor
from haihe.people import errors
from haihe.people.freezing.model import Hand, by_owner
from haihe.people.model import Citizen
from haihe.people.passkeys.errors import PasskeyUnknown
from haihe.people.passkeys.model import Party
from haihe.people.resets.errors import CounterNeeded, IdNumberOther, ResetNotReady
from haihe.people.resets.service import NewPasscode, Resets
from tests.authenticator import Authenticator
from tests.citizens import City
from tests.people.guarded import guarded_city

HERE = Party("localhost", "http://localhost")
NEW = "161803"


async def code_for(city: City, resets: Resets, citizen: Citizen) -> str:
    city.clock.turn(timedelta(minutes=1))
    await resets.ask_code(citizen.id, language="en")
    return city.mailbox.code_for(citizen.phone)


async def test_forgotten_passcode_is_replaced_after_a_day_by_phone_and_id_number(city: City):
    guarded = guarded_city(city)
    resets, citizen = guarded.safeguards.resets, (await city.citizen()).citizen

    async def choose() -> None:
        new = NewPasscode(passcode=NEW, code=await code_for(city, resets, citizen), session=0)
        await resets.choose(citizen.id, new)

    with pytest.raises(ResetNotReady):
        await choose()
    code = await code_for(city, resets, citizen)
    with pytest.raises(IdNumberOther):
        await resets.ask(citizen.id, id_number="120101199001010010", code=code)
    first = await resets.ask(citizen.id, id_number=citizen.id_number.lower(), code=code)
    again = await resets.ask(citizen.id, id_number=citizen.id_number, code=await code_for(city, resets, citizen))
    assert again.ready_at == first.ready_at, "asking again does not lengthen the wait"
    with pytest.raises(ResetNotReady):
        await choose()
    city.clock.turn(timedelta(hours=24))
    await choose()
    await city.people.check_passcode(citizen.id, NEW)
    with pytest.raises(ResetNotReady):
        await choose()
    told = await guarded.news(citizen)
    assert ("passcode_reset_asked", "id_number_other") in await guarded.deeds(citizen.id)
    assert {("passcode_reset_asked", 2), ("passcode_changed", 1)} <= set(Counter(kind for kind, _ in told).items())


async def test_passkey_replaces_a_forgotten_passcode_at_once(city: City):
    guarded = guarded_city(city)
    resets, citizen = guarded.safeguards.resets, (await city.citizen()).citizen
    device = await guarded.add(citizen)
    options = await resets.passkeys.ask_to_reset(citizen.id, HERE)
    assert options is not None
    new = NewPasscode(passcode=NEW, code=await code_for(city, resets, citizen), session=0)
    with pytest.raises(PasskeyUnknown):
        await resets.choose_by_passkey(citizen.id, new, answer=Authenticator().answer(options), party=HERE)
    await resets.choose_by_passkey(citizen.id, new, answer=device.answer(options), party=HERE)
    await city.people.check_passcode(citizen.id, NEW)


async def test_owner_stops_what_a_thief_has_asked_for_and_a_freeze_stops_it_too(city: City):
    guarded = guarded_city(city)
    resets, freezing, citizen = guarded.safeguards.resets, guarded.safeguards.freezing, (await city.citizen()).citizen
    for stop in (resets.stop(citizen.id), freezing.freeze(citizen.id, by=by_owner(citizen.id))):
        await resets.ask(citizen.id, id_number=citizen.id_number, code=await code_for(city, resets, citizen))
        await stop
        assert await resets.of(citizen.id) is None
    code = await code_for(city, resets, citizen)
    with pytest.raises(CounterNeeded):
        await resets.ask(citizen.id, id_number=citizen.id_number, code=code)
    with pytest.raises(CounterNeeded):
        await resets.choose_by_passkey(
            citizen.id, NewPasscode(passcode=NEW, code=code, session=0), answer="{}", party=HERE
        )
    await resets.allow(citizen.id, by=Hand(Actor.STAFF, 77, 88))
    with pytest.raises(errors.PasscodeWeak):
        await resets.choose(citizen.id, NewPasscode(passcode="123456", code=code, session=0))
    await resets.choose(citizen.id, NewPasscode(passcode=NEW, code=code, session=0))
    await city.people.check_passcode(citizen.id, NEW)
