"""Story W8, the online half: the phone is lost, the citizen freezes from another device, the next scan is refused at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from haihe.base.audit import Actor
from haihe.base.tokens import TokenInvalid
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag
from haihe.people import errors
from haihe.people.freezing.errors import NotFrozen
from haihe.people.freezing.model import Hand, by_owner
from haihe.people.model import Purpose
from tests.citizens import City
from tests.people.guarded import PASSCODE, Guarded, guarded_city


async def is_frozen_in_the_ledger(city: City, bucket: int, account: int) -> bool:
    async with city.database.transaction() as connection:
        return bool(await ledger.set_flags(connection, bucket, account) & AccountFlag.FROZEN)


async def release_code(guarded: Guarded, citizen: int, phone: str) -> str:
    guarded.city.clock.turn(timedelta(minutes=1))
    await guarded.safeguards.freezing.ask_code(citizen, language="en")
    return guarded.city.mailbox.code_for(phone)


async def test_frozen_wallet_signs_out_the_lost_phone_and_is_released_by_passcode_and_code(city: City):
    guarded = guarded_city(city)
    freezing, lost = guarded.safeguards.freezing, await city.citizen()
    citizen = lost.citizen
    city.clock.turn(timedelta(minutes=1))
    await city.people.ask_code(citizen.phone, Purpose.SIGN_IN, language="en")
    other = await city.people.sign_in(phone=citizen.phone, code=city.mailbox.code_for(citizen.phone))
    with pytest.raises(NotFrozen):
        await freezing.release_own(citizen.id, passcode=PASSCODE, code="123456")

    session = city.people.sessions.grant(other.token).session
    ends = await asyncio.gather(
        *(freezing.freeze(citizen.id, by=by_owner(citizen.id), session=session) for _ in range(5))
    )
    assert len({end.frozen_at for end in ends}) == 1
    city.people.sessions.grant(other.token)
    assert await is_frozen_in_the_ledger(city, citizen.bucket, citizen.id)
    with pytest.raises(TokenInvalid):
        city.people.sessions.grant(lost.token)

    code = await release_code(guarded, citizen.id, citizen.phone)
    with pytest.raises(errors.PasscodeWrong):
        await freezing.release_own(citizen.id, passcode="314159", code=code)
    with pytest.raises(errors.CodeWrong):
        await freezing.release_own(citizen.id, passcode=PASSCODE, code="x")
    assert await freezing.frozen(citizen.id)
    await freezing.release_own(citizen.id, passcode=PASSCODE, code=code)
    assert await freezing.frozen(citizen.id) is None
    assert not await is_frozen_in_the_ledger(city, citizen.bucket, citizen.id)
    told = [(kind, body) for kind, body in await guarded.news(citizen) if kind.startswith("wallet_")]
    assert told == [("wallet_frozen", {"by": "self"}), ("wallet_released", {"by": "self"})]
    deeds = [one for one in await guarded.deeds(citizen.id) if one[0].startswith("wallet_")]
    assert deeds == [
        ("wallet_released", "not_frozen"),
        ("wallet_frozen", "done"),
        ("wallet_released", "passcode_wrong"),
        ("wallet_released", "code_wrong"),
        ("wallet_released", "done"),
    ]


async def test_counter_freezes_and_releases_and_says_who(city: City):
    guarded = guarded_city(city)
    freezing, signed = guarded.safeguards.freezing, await city.citizen()
    citizen, counter = signed.citizen, Hand(Actor.STAFF, 77, 88)
    freeze = await freezing.freeze(citizen.id, by=counter)
    assert (freeze.by, freeze.by_id) == (Actor.STAFF, 77)
    with pytest.raises(TokenInvalid):
        city.people.sessions.grant(signed.token)
    for _ in range(2):
        await freezing.release(citizen.id, by=counter)
    told = [(kind, body) for kind, body in await guarded.news(citizen) if kind.startswith("wallet_")]
    assert told == [("wallet_frozen", {"by": "counter"}), ("wallet_released", {"by": "counter"})]
