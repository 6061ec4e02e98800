from dataclasses import replace
from datetime import timedelta

import pytest

from haihe.base.tokens import TokenExpired, TokenInvalid
from haihe.organisations import errors
from haihe.organisations.console import Console, ConsolePage, has, may, require, require_own
from haihe.organisations.model import RIGHTS, FoundingOrganisation, FoundingStaff, Organisation, Right, Role
from haihe.web.guards import Staff
from haihe.web.problem import NotAllowed, NotFound
from tests.citizens import Browser, City

PASSWORD = "a long enough password"


@pytest.fixture
async def bus(city: City) -> Organisation:
    bus = await city.organisations.create(FoundingOrganisation(key="bus", names={"en": "City Bus"}, kind="transit"))
    members = [
        FoundingStaff(organisation=bus.id, login=role, name=role.title(), role=role, password=PASSWORD) for role in Role
    ]
    await city.organisations.found_staff(members)
    return bus


async def test_staff_sign_in_with_login_and_password(city: City, bus: Organisation):
    signed = await city.organisations.sign_in(login=" Driver ", password=PASSWORD)
    staff = await city.organisations.staff(signed.token)
    assert (staff.organisation, staff.role, staff.organisation_name) == (bus.id, "driver", "City Bus")
    await city.organisations.sign_out(signed.token)
    with pytest.raises(TokenInvalid):
        await city.organisations.staff(signed.token)


async def test_a_citizens_token_opens_no_console_and_the_other_way_round(city: City, bus: Organisation):
    citizen = await city.citizen()
    with pytest.raises(TokenInvalid):
        await city.organisations.staff(citizen.token)
    signed = await city.organisations.sign_in(login="manager", password=PASSWORD)
    with pytest.raises(TokenInvalid):
        await city.people.sessions.viewer(signed.token)


async def test_wrong_login_and_wrong_password_look_alike(city: City, bus: Organisation):
    for login, password in (("nobody", PASSWORD), ("driver", "wrong")):
        with pytest.raises(errors.StaffUnknown):
            await city.organisations.sign_in(login=login, password=password)


async def test_five_wrong_passwords_lock(city: City, bus: Organisation):
    for refusal in (errors.StaffUnknown,) * 4 + (errors.StaffLocked,) * 2:
        with pytest.raises(refusal):
            await city.organisations.sign_in(login="driver", password="wrong")
    with pytest.raises(errors.StaffLocked):
        await city.organisations.sign_in(login="driver", password=PASSWORD)
    city.clock.turn(timedelta(minutes=15))
    await city.organisations.sign_in(login="driver", password=PASSWORD)


async def test_a_console_session_ends_after_a_shift(city: City, bus: Organisation):
    signed = await city.organisations.sign_in(login="driver", password=PASSWORD)
    city.clock.turn(timedelta(hours=12))
    with pytest.raises(TokenExpired):
        await city.organisations.staff(signed.token)


async def test_founding_staff_again_keeps_their_passwords(city: City, bus: Organisation):
    again = FoundingStaff(organisation=bus.id, login="driver", name="X", role=Role.MANAGER, password="another password")
    await city.organisations.found_staff([again])
    assert (await city.organisations.sign_in(login="driver", password=PASSWORD)).member.role is Role.DRIVER
    assert [member.login for member in await city.organisations.staff_of(bus.id)] == sorted(Role)


async def test_a_short_password_is_refused(city: City, bus: Organisation):
    with pytest.raises(errors.PasswordWeak):
        await city.organisations.found_staff(
            [FoundingStaff(organisation=bus.id, login="new", name="New", role=Role.DRIVER, password="short")]
        )


def staff(role: Role, organisation: int = 1) -> Staff:
    return Staff(1, organisation, 1, role)


def test_every_role_has_rights_and_a_driver_sees_no_money():
    assert set(RIGHTS) == set(Role)
    assert all(RIGHTS.values())
    assert not has(staff(Role.DRIVER), Right.SEE_MONEY)
    require(staff(Role.ACCOUNTANT), Right.SEE_MONEY)
    with pytest.raises(NotAllowed):
        require(staff(Role.ACCOUNTANT), Right.PRINT_STICKERS)


def test_staff_of_another_organisation_see_nothing_there():
    require_own(staff(Role.MANAGER, 1), 1)
    with pytest.raises(NotFound):
        require_own(staff(Role.MANAGER, 1), 2)


def test_the_console_shows_pages_by_role_and_kind(city: City):
    rides = ConsolePage("/console/rides", "Rides", "Today", "bus", Right.SEE_OPERATIONS, frozenset({"transit"}))
    money = ConsolePage("/console/money", "Money", "Today", "wallet", Right.SEE_MONEY)
    console = Console(city.organisations, (rides, money))
    assert console.pages_for(staff(Role.MANAGER), kind="transit") == [rides, money]
    assert console.pages_for(staff(Role.MANAGER), kind="utility") == [money]
    assert console.pages_for(staff(Role.DRIVER), kind="transit") == [rides]
    assert console.pages_for(staff(Role.CASHIER), kind="transit") == []
    assert callable(may(Right.SEE_MONEY))


async def test_the_menu_of_the_console_leads_only_to_what_may_be_opened(city: City, bus: Organisation):
    money = ConsolePage("/console/money", "Money", "Today", "wallet", Right.SEE_MONEY)
    console = Console(city.organisations, (money,))
    manager = replace(staff(Role.MANAGER), organisation=bus.id)
    assert [link.href for link in console.menu(manager)] == ["/console", "/console/money"]
    assert [link.href for link in console.menu(replace(manager, role=Role.DRIVER))] == ["/console"]


async def test_the_door_of_the_console(browser: Browser, bus: Organisation):
    refused = await browser.open("/console")
    assert (refused.status_code, refused.headers["location"]) == (303, "/console/sign-in?next=%2Fconsole")
    await browser.open(refused.headers["location"])
    answer = await browser.send("/console/sign-in", login="manager", password="wrong")
    assert answer.status_code == 403
    assert 'id="password-says"' in answer.text
    assert "wrong" not in answer.text
    answer = await browser.send("/console/sign-in", login="manager", password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert "City Bus" in (await browser.open("/console")).text
    answer = await browser.send("/console/sign-out")
    assert answer.headers["location"] == "/console/sign-in"
    assert (await browser.open("/console")).status_code == 303
