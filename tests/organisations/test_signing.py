"""How staff sign in: second factor, sessions, and locks that hit the guesser."""

from __future__ import annotations

from datetime import timedelta

import pytest

from haihe.base.clock import service_day
from haihe.base.database import Database
from haihe.base.tokens import TokenExpired, TokenInvalid
from haihe.organisations import errors, factors_store, totp
from haihe.organisations.signing import IDLE_MAX, PLACE_KEPT, Visit, place_of
from tests.organisations.staffed import PASSWORD, StaffedCity, staffed_city

DESK, ELSEWHERE, ABROAD = Visit("10.0.0.1"), Visit("203.0.113.7"), Visit("2001:db8::1")


@pytest.fixture
async def staffed(database_pool: Database) -> StaffedCity:
    return await staffed_city(database_pool)


async def guess(city: StaffedCity, visit: Visit, login: str = "manager@bus") -> str:
    try:
        await city.organisations.sign_in(login=login, password="wrong", visit=visit)
    except errors.StaffUnknown:
        return "wrong"
    except errors.StaffLocked:
        return "locked"
    raise AssertionError("a wrong password signs in")


async def test_guesser_elsewhere_locks_all_strangers_and_not_who_works_at_the_desk(staffed: StaffedCity):
    await staffed.staff("manager@bus", address=DESK.address)
    assert [await guess(staffed, ELSEWHERE) for _ in range(5)] == ["wrong"] * 4 + ["locked"]
    assert await guess(staffed, ABROAD) == "locked", "another address brings no more tries"
    assert (await staffed.staff("manager@bus", address=DESK.address)).role == "manager"
    with pytest.raises(errors.StaffLocked):
        await staffed.staff("manager@bus", address=ELSEWHERE.address)
    assert [await guess(staffed, DESK) for _ in range(5)] == ["wrong"] * 4 + ["locked"]
    staffed.clock.turn(timedelta(minutes=15))
    await staffed.staff("manager@bus", address=DESK.address)
    staffed.clock.turn(PLACE_KEPT + timedelta(days=1))
    await staffed.staff("manager@bus", address=ELSEWHERE.address)
    assert [await guess(staffed, DESK) for _ in range(5)] == ["wrong"] * 4 + ["locked"], "an old place is a stranger's"
    with pytest.raises(errors.StaffLocked):
        await staffed.staff("manager@bus", address=ABROAD.address)
    told = await staffed.deeds(staffed.bus.id)
    assert told.count(("staff_signed_in", "login_wrong")) == 12
    assert told.count(("staff_signed_in", "login_locked")) == 6


def test_network_of_ipv6_is_one_place():
    assert place_of("2001:db8::1") == place_of("2001:db8::ffff") != place_of("2001:db8:1::1")
    assert place_of("10.0.0.1") != place_of("10.0.0.2")
    assert place_of("") == place_of("")


async def test_session_is_another_one_at_every_sign_in_and_ends_idle_or_disabled(staffed: StaffedCity):
    sign_in = staffed.organisations.sign_in
    first = await sign_in(login="driver@bus", password=PASSWORD, visit=DESK)
    second = await sign_in(login="driver@bus", password=PASSWORD, visit=Visit(DESK.address, first.token))
    with pytest.raises(TokenInvalid):
        await staffed.organisations.staff(first.token)
    for _ in range(3):
        staffed.clock.turn(IDLE_MAX - timedelta(minutes=1))
        await staffed.organisations.staff(second.token)
    staffed.clock.turn(IDLE_MAX + timedelta(minutes=2))
    with pytest.raises(TokenExpired):
        await staffed.organisations.staff(second.token)
    third = await sign_in(login="driver@bus", password=PASSWORD, visit=DESK)
    admin = await staffed.staff("administrator@bus")
    driver = await staffed.organisations.staff(third.token)
    await staffed.staffing.team.disable(admin, driver.person)
    with pytest.raises(TokenInvalid):
        await staffed.organisations.staff(third.token)
    with pytest.raises(errors.StaffUnknown):
        await sign_in(login="driver@bus", password=PASSWORD, visit=DESK)


async def test_second_factor_is_asked_after_the_password_and_each_code_serves_once(staffed: StaffedCity):
    manager = await staffed.staff("manager@bus")
    draft = staffed.own.factors.draft(manager.person)
    with pytest.raises(errors.DraftInvalid):
        staffed.own.factors.read_draft(manager.person + 1, draft.text)
    now = staffed.clock.now()
    code = totp.code_of(draft.secret, totp.step_at(now))
    with pytest.raises(errors.PasswordWrong):
        await staffed.own.enrol(manager, draft, password="wrong", code=code, visit=DESK)
    with pytest.raises(errors.CodeWrong):
        await staffed.own.enrol(manager, draft, password=PASSWORD, code="000000", visit=DESK)
    recovery = await staffed.own.enrol(
        manager, staffed.own.factors.read_draft(manager.person, draft.text), password=PASSWORD, code=code, visit=DESK
    )
    assert len(set(recovery)) == 10
    half = await staffed.organisations.sign_in(login="manager@bus", password=PASSWORD, visit=DESK)
    assert half.needs_code
    with pytest.raises(TokenInvalid):
        await staffed.organisations.staff(half.token)
    step = staffed.organisations.signing.second_step
    with pytest.raises(errors.CodeWrong):
        await step(token=half.token, code=code, visit=DESK)  # it was used to enrol
    staffed.clock.turn(timedelta(seconds=totp.STEP_S))
    later = totp.code_of(draft.secret, totp.step_at(staffed.clock.now()))
    await staffed.organisations.staff((await step(token=half.token, code=later, visit=DESK)).token)
    with pytest.raises(errors.CodeWrong):
        await step(token=half.token, code=later, visit=DESK)
    await step(token=half.token, code=recovery[3].lower().replace("-", " "), visit=DESK)
    with pytest.raises(errors.CodeWrong):
        await step(token=half.token, code=recovery[3], visit=DESK)
    for refusal in (errors.CodeWrong,) * 3 + (errors.StaffLocked,) * 2:
        with pytest.raises(refusal):
            await step(token=half.token, code="000000", visit=DESK)
    with pytest.raises(errors.StaffLocked):
        await staffed.organisations.sign_in(login="manager@bus", password=PASSWORD, visit=DESK)
    staffed.clock.turn(timedelta(minutes=15))
    with pytest.raises(TokenExpired):
        await step(token=half.token, code=recovery[4], visit=DESK)
    async with staffed.base.database.connection() as connection:
        assert await factors_store.codes_left(connection, manager.person) == 9


async def test_required_second_factor_bars_whoever_lacks_it(staffed: StaffedCity):
    today = service_day(staffed.clock.now())
    async with staffed.base.database.connection() as connection:
        await factors_store.require_from(connection, staffed.bus.id, today + timedelta(days=1))
    assert not (await staffed.staff("manager@bus")).is_barred
    staffed.clock.turn(timedelta(days=1))
    assert (await staffed.staff("manager@bus")).is_barred
    assert not (await staffed.staff("driver@bus")).is_barred
    assert not (await staffed.staff("manager@water")).is_barred


async def test_new_password_ends_every_session_but_the_own_one(staffed: StaffedCity):
    other = await staffed.organisations.sign_in(login="manager@bus", password=PASSWORD, visit=DESK)
    manager = await staffed.staff("manager@bus")
    for old, new, refusal in (
        (PASSWORD, "short", errors.PasswordWeak),
        (PASSWORD, PASSWORD, errors.PasswordWeak),
        ("wrong", "another long password", errors.PasswordWrong),
    ):
        with pytest.raises(refusal):
            await staffed.own.change_password(manager, old=old, new=new, visit=DESK)
    signed = await staffed.own.change_password(manager, old=PASSWORD, new="another long password", visit=DESK)
    await staffed.organisations.staff(signed.token)
    with pytest.raises(TokenInvalid):
        await staffed.organisations.staff(other.token)
    with pytest.raises(errors.StaffUnknown):
        await staffed.staff("manager@bus")
    assert ("staff_password_changed", "password_wrong") in await staffed.deeds(staffed.bus.id)
