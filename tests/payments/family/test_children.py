"""Children and their guardians: story W9, and what it takes for granted."""

from __future__ import annotations

import asyncio

import pytest

from haihe.base.audit import DONE
from haihe.payments.errors import AccountFrozen, CapReached
from haihe.payments.references import reference
from haihe.people import errors as people_errors
from haihe.people.family import errors
from haihe.people.family.model import Role, Terms
from haihe.people.model import CitizenClass
from haihe.wallet.caps import store as caps_store
from haihe.wallet.family.errors import CapInvalid
from haihe.wallet.sending.errors import SendingLimitReached
from haihe.wallet.sending.model import SendRequest
from tests.families import PASSCODE, STRANGER, FamilyCity

CAP = 50_00
PRICE = 2_00


async def spend(home: FamilyCity, child, amounts: list[int]):
    bills = [await home.bill(child, amount=amount) for amount in amounts]
    paying = (home.city.pay(child, reference("bill", bill.id)) for bill in bills)
    return await asyncio.gather(*paying, return_exceptions=True)


async def test_parent_tops_up_sees_the_spending_and_the_monthly_limit_holds(home: FamilyCity):
    """W9: a parent links a child; top-up rises, parent sees spend, monthly limit holds."""
    parent = await home.adult()
    child = await home.child_of(parent)
    assert (child.citizen_class, child.phone, child.has_passcode) == (CitizenClass.I, "", False)
    await home.give(parent, child, 120_00)
    assert await home.city.balance(child) == 120_00
    assert await home.city.balance(parent) == 880_00

    await spend(home, child, [3_50])
    seen = await home.allowances.wallet(parent.id, child.id)
    assert (seen.balance, seen.spent, seen.cap, seen.is_frozen) == (116_50, 3_50, None, False)
    history = await home.city.payments.history(home.city.viewer(child), "en", limit=10, cursor=None)
    assert [entry.amount for entry in history.items] == [-3_50, 120_00]

    await home.allowances.set_cap(parent.id, child.id, CAP)
    answers = await spend(home, child, [PRICE] * 50)
    refused = [one for one in answers if isinstance(one, CapReached)]
    assert len(refused) == 50 - (CAP - 3_50) // PRICE
    wallet = await home.allowances.wallet(parent.id, child.id)
    assert wallet.cap
    assert wallet.cap.used(home.today) == wallet.spent == CAP - 50  # 46.00 in payments of 2.00, 3.50 before the cap
    assert wallet.balance == 120_00 - wallet.spent
    with pytest.raises(SendingLimitReached):
        await home.sendings.send(
            SendRequest(sender=child.id, bucket=child.bucket, phone=parent.phone, amount=PRICE, key="out")
        )
    await home.sendings.send(SendRequest(sender=child.id, bucket=child.bucket, phone=parent.phone, amount=50, key="in"))
    assert (await home.allowances.wallet(parent.id, child.id)).spent == CAP

    await home.allowances.lift_cap(parent.id, child.id)
    assert not any(isinstance(one, Exception) for one in await spend(home, child, [PRICE]))
    assert ("cap_changed", {"amount": CAP, "period": "month"}) in await home.news(child)
    assert home.city.verified() == []


async def test_guardian_freezes_and_lets_go_and_only_a_guardian_may(home: FamilyCity):
    parent, other = await home.adult(), await home.adult()
    child = await home.child_of(parent)
    await home.give(parent, child, 10_00)
    await home.allowances.freeze(parent.id, child.id)
    (refused,) = await spend(home, child, [PRICE])
    assert isinstance(refused, AccountFrozen)
    await home.allowances.release(parent.id, child.id)
    assert not isinstance((await spend(home, child, [PRICE]))[0], Exception)
    for deed in (
        home.allowances.wallet(other.id, child.id),
        home.allowances.set_cap(other.id, child.id, 0),
        home.allowances.lift_cap(other.id, child.id),
        home.allowances.freeze(other.id, child.id),
        home.allowances.release(other.id, child.id),
        home.allowances.top_up(other, child.id, amount=1, key="key", passcode=PASSCODE),
        home.children.pair(other.id, child.id),
    ):
        with pytest.raises(errors.ChildUnknown):
            await deed
    for amount in (-1, 10_000_01, 2**80):
        with pytest.raises(CapInvalid):
            await home.allowances.set_cap(parent.id, child.id, amount)
    actions = [one.deed.action for one in await home.deeds(child)]
    assert {"wallet_frozen", "wallet_released"} <= set(actions)


async def test_wrong_entries_register_nobody_and_are_noted(home: FamilyCity):
    parent, teenager = await home.adult(), await home.adult(id_number=home.new_child(17).id_number)
    right = home.new_child()
    last = "0" if right.id_number[-1] != "0" else "1"
    for guardian, changes, refusal in (
        (parent, {"id_number": right.id_number[:-1] + last}, people_errors.IdNumberCheckDigit),
        (parent, {"id_number": home.new_child(18).id_number}, errors.NotAChild),
        (parent, {"name": STRANGER}, people_errors.RegistryMismatch),
        (parent, {"id_number": teenager.id_number}, people_errors.IdNumberTaken),
        (teenager, {}, errors.NotOfAge),
    ):
        wrong = type(right)(**{"name": right.name, "id_number": right.id_number} | changes)
        with pytest.raises(refusal):
            await home.children.register(guardian.id, wrong)
    noted = [one.deed.outcome for one in await home.deeds(parent) if one.deed.action == "child_registered"]
    assert sorted(noted) == ["id_number_invalid", "id_number_taken", "not_a_child", "registry_mismatch"]
    child = await home.children.register(parent.id, right)
    assert (await home.children.register(parent.id, right)).id == child.id
    assert [one.owner for one in (await home.families.family(parent.id)).children] == [right.name]
    assert [one.deed.outcome for one in await home.deeds(child)] == [DONE]
    assert home.city.verified() == []


async def test_second_guardian_by_invitation_never_a_third_and_never_none(home: FamilyCity):
    parent, second, third = await home.adult(), await home.adult(), await home.adult()
    child = await home.child_of(parent)
    with pytest.raises(errors.LastGuardian):
        await home.families.end(parent.id, (await home.families.family(parent.id)).children[0].tie.id)
    tie = await home.families.invite(home.asking(parent, second, Role.GUARDIAN, Terms(), child))
    assert (await home.families.family(second.id)).invitations[0].owner == child.masked_name
    with pytest.raises(errors.ChildUnknown):
        await home.allowances.wallet(second.id, child.id)
    with pytest.raises(errors.GuardiansFull):
        await home.families.invite(home.asking(parent, third, Role.GUARDIAN, Terms(), child))
    with pytest.raises(errors.ChildUnknown):
        await home.families.invite(home.asking(third, second, Role.GUARDIAN, Terms(), child))
    with pytest.raises(errors.TieUnknown):
        await home.families.accept(third.id, tie.id)
    accepted = await asyncio.gather(*(home.families.accept(second.id, tie.id) for _ in range(3)))
    assert {one.id for one in accepted} == {tie.id}
    await home.allowances.set_cap(second.id, child.id, CAP)
    leaving = [
        home.families.end(one.id, found.tie.id)
        for one in (parent, second)
        for found in (await home.families.family(one.id)).children
    ]
    ends = await asyncio.gather(*leaving, return_exceptions=True)
    assert sorted(type(one).__name__ for one in ends) == ["LastGuardian", "NoneType"]
    assert {kind for kind, _ in await home.news(second)} >= {"family_invited", "family_linked"}
    assert home.city.verified() == []


async def test_child_signs_in_with_the_code_of_its_guardian_once(home: FamilyCity):
    parent = await home.adult()
    child = await home.child_of(parent)
    first = await home.children.pair(parent.id, child.id)
    pairing = await home.children.pair(parent.id, child.id)
    with pytest.raises(errors.PairingCodeWrong):
        await home.children.sign_in(first.code)
    spaced = f" {pairing.code[:4].lower()}-{pairing.code[4:]} "
    answers = await asyncio.gather(*(home.children.sign_in(spaced) for _ in range(3)), return_exceptions=True)
    (signed,) = [one for one in answers if not isinstance(one, BaseException)]
    assert signed.citizen.id == child.id
    late = await home.children.pair(parent.id, child.id)
    home.city.clock.turn(late.expires_at - home.city.clock.now())
    with pytest.raises(errors.PairingCodeWrong):
        await home.children.sign_in(late.code)


async def test_who_comes_of_age_is_nobodys_child(home: FamilyCity):
    parent = await home.adult()
    child = await home.child_of(parent, years=17)
    await home.give(parent, child, 100_00)
    await home.allowances.set_cap(parent.id, child.id, 0)
    await home.allowances.end_grown_up()
    assert isinstance((await spend(home, child, [PRICE]))[0], CapReached)
    home.city.clock.turn(home.born(16) - home.born(17))
    with pytest.raises(errors.ChildUnknown):
        await home.allowances.wallet(parent.id, child.id)
    for _ in range(2):
        await home.allowances.end_grown_up()
    assert (await home.families.family(parent.id)).children == []
    async with home.city.database.connection() as connection:
        assert await caps_store.of(connection, child.bucket, child.id) == []
    assert home.city.verified() == []
