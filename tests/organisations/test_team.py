"""Administrators and four eyes: who may be given what by whom, and that two people are two people."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from haihe.base.clock import service_day
from haihe.base.database import Database
from haihe.organisations import errors
from haihe.organisations.approvals.errors import (
    ApprovalChanged,
    ApprovalDecided,
    ApprovalUnknown,
    AskerGone,
    NotYours,
    OwnApproval,
)
from haihe.organisations.approvals.model import LIFETIME, Approval, Status
from haihe.organisations.model import Role
from haihe.organisations.team import NewMember
from haihe.web.guards import Staff
from haihe.web.problem import NotAllowed
from tests.organisations.staffed import StaffedCity, staffed_city


@pytest.fixture
async def staffed(database_pool: Database) -> StaffedCity:
    return await staffed_city(database_pool)


async def approve(city: StaffedCity, who: Staff, asked: Approval | None, status: Status = Status.APPROVED) -> None:
    assert asked
    await city.staffing.approvals.decide(who, asked.id, shown=asked.digest.hex(), status=status)


async def test_plain_roles_work_at_once_and_roles_with_power_after_a_second_person(staffed: StaffedCity):
    team = staffed.staffing.team
    admin, manager = await staffed.staff("administrator@bus"), await staffed.staff("manager@bus")
    given = await team.add(admin, NewMember(login=" New.Clerk ", name=" Anna  Li ", role=Role.CLERK))
    clerk = await staffed.staff("new.clerk", given.password)
    assert (clerk.name, clerk.is_barred, given.asked) == ("Anna Li", True, None)
    given = await team.add(admin, NewMember(login="accountant2", name="Bo", role=Role.ACCOUNTANT))
    with pytest.raises(errors.StaffUnknown):
        await staffed.staff("accountant2", given.password)
    with pytest.raises(OwnApproval):
        await approve(staffed, admin, given.asked)
    for login in ("cashier@bus", "accountant@bus", "auditor@bus"):
        with pytest.raises(NotAllowed):
            await approve(staffed, await staffed.staff(login), given.asked)
    with pytest.raises(ApprovalUnknown):
        await approve(staffed, await staffed.staff("manager@water"), given.asked)
    await approve(staffed, manager, given.asked)
    assert (await staffed.staff("accountant2", given.password)).role == "accountant"
    with pytest.raises(ApprovalDecided):
        await approve(staffed, manager, given.asked)
    for wish, refusal in (
        (NewMember(login="accountant2", name="Bo", role=Role.CLERK), errors.LoginTaken),
        (NewMember(login="a b", name="Bo", role=Role.CLERK), errors.LoginInvalid),
        (NewMember(login="fine", name=" ", role=Role.CLERK), errors.NameInvalid),
    ):
        with pytest.raises(refusal):
            await team.add(admin, wish)
    told = await staffed.deeds(staffed.bus.id)
    for deed in (
        ("staff_added", "done"),
        ("approval_asked", "done"),
        ("approval_given", "own_approval"),
        ("approval_given", "not_allowed"),
        ("approval_given", "approval_decided"),
        ("approval_given", "done"),
        ("staff_role_changed", "done"),
    ):
        assert deed in told


async def test_clerk_becomes_manager_only_by_two_and_an_administrator_never_raises_a_helper(staffed: StaffedCity):
    team = staffed.staffing.team
    admin, manager = await staffed.staff("administrator@bus"), await staffed.staff("manager@bus")
    cashier = await staffed.staff("cashier@bus")
    with pytest.raises(errors.OwnAccount):
        await team.give_role(admin, admin.person, Role.MANAGER)
    for identity in (0, 1, (await staffed.staff("cashier@water")).person):
        with pytest.raises(errors.StaffMissing):
            await team.give_role(admin, identity, Role.MANAGER)
    helper = await team.give_role(admin, cashier.person, Role.ADMINISTRATOR)
    assert helper.asked
    same = await team.give_role(admin, cashier.person, Role.ADMINISTRATOR)
    assert same.asked
    assert same.asked.id == helper.asked.id, "the same is asked for once"
    await approve(staffed, manager, helper.asked, Status.REFUSED)
    raised = await team.give_role(admin, cashier.person, Role.MANAGER)
    assert (await staffed.staff("cashier@bus")).role == "cashier"
    with pytest.raises(NotYours):
        await approve(staffed, manager, raised.asked, Status.WITHDRAWN)
    await approve(staffed, manager, raised.asked)
    assert (await staffed.staff("cashier@bus")).role == "manager"
    lowered = await team.give_role(admin, cashier.person, Role.DRIVER)
    assert (lowered.asked, (await staffed.staff("cashier@bus")).role) == (None, "driver")
    withdrawn = await team.give_role(admin, cashier.person, Role.MANAGER)
    await approve(staffed, admin, withdrawn.asked, Status.WITHDRAWN)
    with pytest.raises(ApprovalDecided):
        await approve(staffed, manager, withdrawn.asked)


async def test_what_is_old_changed_or_from_somebody_gone_is_not_decided(staffed: StaffedCity, owner_dsn: str):
    team, approvals = staffed.staffing.team, staffed.staffing.approvals
    admin, manager = await staffed.staff("administrator@bus"), await staffed.staff("manager@bus")
    cashier, driver = await staffed.staff("cashier@bus"), await staffed.staff("driver@bus")
    asked = (await team.give_role(admin, cashier.person, Role.ACCOUNTANT)).asked
    assert asked
    with pytest.raises(ApprovalChanged):
        await approvals.decide(manager, asked.id, shown="00" * 32, status=Status.APPROVED)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("UPDATE approvals SET content = replace(content, 'accountant', 'manager')")
    with pytest.raises(ApprovalChanged):
        await approve(staffed, manager, asked)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("UPDATE approvals SET content = replace(content, 'manager', 'accountant')")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("UPDATE approvals SET decided_by = asked_by, status = 1")
    boss = (await team.give_role(admin, driver.person, Role.MANAGER)).asked
    await approve(staffed, manager, boss)
    driver = await staffed.staff("driver@bus")
    second = await staffed.staff("administrator@bus")
    await team.disable(second, cashier.person)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("UPDATE staff SET active = false WHERE id = %s", (admin.person,))
    with pytest.raises(AskerGone):
        await approve(staffed, manager, asked)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("UPDATE staff SET active = true WHERE id = %s", (admin.person,))
    staffed.clock.turn(LIFETIME)
    with pytest.raises(ApprovalDecided):
        await approve(staffed, manager, asked)
    again = (await team.give_role(admin, cashier.person, Role.ACCOUNTANT)).asked
    assert again
    assert again.id != asked.id
    outcomes = await asyncio.gather(
        approve(staffed, manager, again), approve(staffed, driver, again), return_exceptions=True
    )
    assert [type(one) for one in outcomes].count(type(None)) == 1, "of two at once one decides"


async def test_access_of_somebody_with_power_is_given_by_two_and_the_factors_day_too(staffed: StaffedCity):
    team = staffed.staffing.team
    admin, manager = await staffed.staff("administrator@bus"), await staffed.staff("manager@bus")
    accountant = await staffed.staff("accountant@bus")
    given = await team.give_access(admin, accountant.person)
    await staffed.staff("accountant@bus")
    await approve(staffed, manager, given.asked)
    with pytest.raises(errors.StaffUnknown):
        await staffed.staff("accountant@bus")
    assert (await staffed.staff("accountant@bus", given.password)).is_barred
    alone = await team.give_access(admin, manager.person)
    assert alone.asked is None, "nobody else could decide"
    assert (await staffed.staff("manager@bus", alone.password)).is_barred
    manager = await staffed.staff("manager@bus", alone.password)
    today = service_day(staffed.clock.now())
    for day in (today - timedelta(days=1), today + timedelta(days=367)):
        with pytest.raises(errors.DayInvalid):
            await team.ask_factor_day(admin, day)
    asked = await team.ask_factor_day(admin, today)
    assert await team.required_from(staffed.bus.id) is None
    await approve(staffed, manager, asked)
    assert await team.required_from(staffed.bus.id) == today
    shown = await staffed.staffing.approvals.kinds[asked.kind].show(asked, "en")
    assert shown[0].after
    await approve(staffed, manager, await team.ask_factor_day(admin, None))
    assert await team.required_from(staffed.bus.id) is None
