from datetime import timedelta

import pytest

from haihe.base.tokens import TokenExpired, TokenInvalid
from haihe.people import errors
from haihe.people.model import Purpose
from tests.citizens import City

STRANGER = "19912345678"


async def ask(city: City, phone: str) -> str:
    await city.people.ask_code(phone, Purpose.SIGN_IN, language="en")
    return city.mailbox.code_for(phone)


async def test_phone_and_code_sign_in_and_sign_out_ends_the_session(city: City):
    citizen = (await city.citizen()).citizen
    signed = await city.people.sign_in(phone=citizen.phone, code=await ask(city, citizen.phone))
    assert signed.citizen == citizen
    await city.people.sign_out(signed.token)
    with pytest.raises(TokenInvalid):
        city.people.sessions.grant(signed.token)


async def test_a_session_ended_in_one_process_ends_in_the_others(city: City):
    signed = await city.citizen()
    other = type(city.base.revocations)(city.database)
    grant = city.people.sessions.grant(signed.token)
    await other.refresh()
    assert grant.session not in other
    await city.people.sign_out(signed.token)
    await other.refresh()
    assert grant.session in other


async def test_a_session_ends_by_itself(city: City):
    signed = await city.citizen()
    city.clock.turn(timedelta(days=91))
    with pytest.raises(TokenExpired):
        city.people.sessions.grant(signed.token)


async def test_a_code_serves_once_and_five_minutes(city: City):
    citizen = (await city.citizen()).citizen
    code = await ask(city, citizen.phone)
    await city.people.sign_in(phone=citizen.phone, code=code)
    with pytest.raises(errors.CodeUsed):
        await city.people.sign_in(phone=citizen.phone, code=code)
    code = await ask(city, citizen.phone)
    city.clock.turn(timedelta(minutes=5))
    with pytest.raises(errors.CodeExpired):
        await city.people.sign_in(phone=citizen.phone, code=code)


async def test_five_wrong_tries_end_a_code(city: City):
    citizen = (await city.citizen()).citizen
    code = await ask(city, citizen.phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(errors.CodeWrong):
            await city.people.sign_in(phone=citizen.phone, code=wrong)
    with pytest.raises(errors.CodeExpired):
        await city.people.sign_in(phone=citizen.phone, code=code)


async def test_a_code_to_register_does_not_sign_in(city: City):
    citizen = (await city.citizen()).citizen
    city.clock.turn(timedelta(minutes=1))
    await city.people.ask_code(citizen.phone, Purpose.REGISTER, language="en")
    with pytest.raises(errors.CodeExpired):
        await city.people.sign_in(phone=citizen.phone, code=city.mailbox.code_for(citizen.phone))


async def test_asking_tells_nobody_who_is_registered(city: City):
    citizen = (await city.citizen()).citizen
    known = await city.people.ask_code(citizen.phone, Purpose.SIGN_IN, language="en")
    unknown = await city.people.ask_code(STRANGER, Purpose.SIGN_IN, language="en")
    assert known == unknown
    for phone in (citizen.phone, STRANGER):
        with pytest.raises(errors.CodeTooSoon):
            await city.people.ask_code(phone, Purpose.SIGN_IN, language="en")
        with pytest.raises(errors.CodeWrong):
            await city.people.sign_in(phone=phone, code="x")


async def test_only_who_holds_the_phone_learns_that_it_is_not_registered(city: City):
    code = await ask(city, STRANGER)
    with pytest.raises(errors.NotRegistered):
        await city.people.sign_in(phone=STRANGER, code=code)


async def test_the_next_code_may_be_asked_after_the_wait_that_was_told(city: City):
    await ask(city, STRANGER)
    city.clock.turn(timedelta(seconds=12))
    with pytest.raises(errors.CodeTooSoon) as caught:
        await ask(city, STRANGER)
    city.clock.turn(timedelta(seconds=caught.value.details["retry_after_s"]))  # type: ignore[arg-type]
    await ask(city, STRANGER)


async def test_codes_in_the_database_are_hashed(city: City):
    code = await ask(city, STRANGER)
    async with city.database.connection() as connection:
        row = await (await connection.execute("SELECT sign_in_codes::text FROM sign_in_codes")).fetchone()
    assert code not in str(row)
    assert STRANGER not in str(row)
