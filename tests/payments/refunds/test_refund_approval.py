"""Refunds above what one person gives alone: by two people, once, or not at all."""

from __future__ import annotations

import asyncio

import pytest

from haihe.base import audit
from haihe.base.notes import city_signer
from haihe.organisations.approvals.errors import ApprovalDecided, ApprovalUnknown, OwnApproval
from haihe.organisations.approvals.model import Approval, Status
from haihe.organisations.approvals.service import Approvals
from haihe.organisations.model import FoundingStaff, Role
from haihe.organisations.signing import Visit
from haihe.organisations.staffing import build_staffing
from haihe.payments.model import Payment
from haihe.payments.refunds.approval import REFUND, RefundApproval
from haihe.payments.refunds.errors import NothingLeft, RefundAboveRest, SecondPersonNeeded
from haihe.payments.refunds.model import ALONE_FEN_MAX
from haihe.web.guards import Staff
from tests.payments.refunds.conftest import Pier

PASSWORD = "a long enough password"
FARE = 1_000_00


@pytest.fixture
async def approvals(pier: Pier) -> Approvals:
    ground = pier.city.ground
    signer = city_signer(b"a seal key of thirty-two bytes..")
    await ground.organisations.found_staff(
        [
            FoundingStaff(organisation=one, login=f"{role}@{one}", name=role, role=role, password=PASSWORD)
            for one, roles in ((pier.operator.id, ("manager", "accountant")), (pier.fund.organisation, ("manager",)))
            for role in map(Role, roles)
        ]
    )
    kinds = [RefundApproval(pier.refunds).kind()]
    return build_staffing(ground.base, ground.organisations, signer=signer, kinds=kinds).approvals


async def staff(pier: Pier, role: str, organisation: int = 0) -> Staff:
    login = f"{role}@{organisation or pier.operator.id}"
    signed = await pier.city.ground.organisations.sign_in(login=login, password=PASSWORD, visit=Visit())
    return await pier.city.ground.organisations.staff(signed.token)


async def ask(approvals: Approvals, who: Staff, payment: int, amount: int) -> Approval:
    return await approvals.ask(who, REFUND, {"payment": str(payment), "amount": amount, "reason": "Fog"})


async def decide(approvals: Approvals, who: Staff, asked: Approval, status: Status = Status.APPROVED) -> None:
    await approvals.decide(who, asked.id, shown=asked.digest.hex(), status=status)


async def test_one_person_gives_back_up_to_the_limit_of_one_payment_however_it_is_cut(pier: Pier):
    (li,) = await pier.city.register(1, 3_000_00)
    ride = await pier.ride(li, FARE)

    async def alone(amount: int | None, key: str) -> Payment:
        return await pier.refunds.give_back(
            organisation=pier.operator.id,
            staff=77,
            payment=ride.id,
            amount=amount,
            reason="Fog",
            key=key,
            alone_max=ALONE_FEN_MAX,
        )

    with pytest.raises(SecondPersonNeeded):
        await alone(ALONE_FEN_MAX + 1, "a")
    with pytest.raises(SecondPersonNeeded):
        await alone(None, "all")
    given = await alone(ALONE_FEN_MAX - 1_00, "b")
    assert await alone(ALONE_FEN_MAX - 1_00, "b") == given
    outcomes = await asyncio.gather(*(alone(1_00, f"c{number}") for number in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Payment", *["SecondPersonNeeded"] * 3]
    assert await pier.city.balance(li) == 3_000_00 - FARE + ALONE_FEN_MAX


async def test_two_people_give_it_once_and_what_is_refused_meanwhile_stays_open(pier: Pier, approvals: Approvals):
    (li,) = await pier.city.register(1, 3_000_00)
    ride = await pier.ride(li, FARE)
    accountant, manager = await staff(pier, "accountant"), await staff(pier, "manager")
    stranger = await staff(pier, "manager", pier.fund.organisation)
    asked = await ask(approvals, accountant, ride.id, 600_00)
    changes = await approvals.kinds[REFUND].show(asked, "en")
    assert [(one.before, one.after) for one in changes][1] == ("¥0.00", "¥600.00")
    with pytest.raises(OwnApproval):
        await decide(approvals, accountant, asked)
    with pytest.raises(ApprovalUnknown):
        await decide(approvals, stranger, asked)
    again = await staff(pier, "manager")
    outcomes = await asyncio.gather(
        decide(approvals, manager, asked), decide(approvals, again, asked), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["ApprovalDecided", "NoneType"]
    assert await pier.city.balance(li) == 3_000_00 - FARE + 600_00
    _, rest = await pier.refunds.find(pier.operator.id, ride.id)
    assert [(one.staff, one.reason) for one in rest.refunds] == [(accountant.person, "Fog")]

    above = await ask(approvals, accountant, ride.id, 401_00)
    with pytest.raises(RefundAboveRest):
        await decide(approvals, manager, above)
    assert (await approvals.find(pier.operator.id, above.id)).status is Status.OPEN
    whole = await ask(approvals, accountant, ride.id, 400_00)
    await decide(approvals, manager, whole)
    with pytest.raises(NothingLeft):
        await decide(approvals, manager, above)
    await decide(approvals, manager, above, Status.REFUSED)
    with pytest.raises(ApprovalDecided):
        await decide(approvals, manager, above)
    with pytest.raises(ApprovalUnknown):
        await approvals.kinds[REFUND].show(asked, "en") and await approvals.find(stranger.organisation, asked.id)
    assert await pier.city.balance(li) == 3_000_00
    async with pier.city.database.connection() as connection:
        told = [one.deed for one in await audit.about(connection, li.id, before=1 << 62, limit=9)]
    assert [(one.action, one.actor_id, one.details["amount"]) for one in told] == [
        ("refund_given", accountant.person, 400_00),
        ("refund_given", accountant.person, 600_00),
    ]
    assert not pier.city.verified()
