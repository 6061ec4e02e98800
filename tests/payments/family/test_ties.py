"""Relatives who pay bills without seeing them, and helpers who act by a mandate."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from demo.services import made_up
from haihe.payments.dues.model import DueUnknown
from haihe.payments.errors import MandateReached, Settled, TieEnded
from haihe.payments.model import PaymentRequest
from haihe.payments.references import reference
from haihe.people.errors import PasscodeWrong
from haihe.people.family import errors
from haihe.people.family.model import MANDATE_FEN_MAX, TIES_MAX, Right, Role, Terms, Tie
from haihe.people.model import Citizen
from haihe.wallet.sending.errors import RecipientUnknown
from tests.families import BILL, PASSCODE, SEAT, SECRET, FamilyCity

BILLS = Terms(kinds=(BILL,))


async def act(home: FamilyCity, helper: Citizen, tie: Tie, code: str, key: str = "key"):
    return await home.acting.pay(home.city.payments, helper.id, tie.id, code=code, key=key, passcode=PASSCODE)


async def test_relative_pays_with_own_money_and_reads_no_more_than_name_and_amount(home: FamilyCity):
    owner, relative, stranger = await home.adult(name="张文静"), await home.adult(), await home.adult()
    bill, ticket = await home.bill(owner), await home.bill(owner, kind=SEAT)
    code = reference("bill", bill.id)
    viewer = home.city.viewer(relative)
    tie = await home.families.invite(home.asking(owner, relative, Role.RELATIVE, BILLS))
    assert await home.city.payments.owed_for_others(viewer, "en") == []
    await home.families.accept(relative.id, tie.id)

    (owed,) = await home.city.payments.owed_for_others(viewer, "en")
    assert (owed.owner, owed.description.title, owed.due.amount) == ("张**", "Electricity · 2026-10", 113_20)
    assert owed.description.details == ()
    quote = await home.city.payments.quote(viewer, code, "en")
    assert SECRET not in str(quote)
    assert SECRET in str(await home.city.payments.quote(home.city.viewer(owner), code, "en"))
    for other, wrong in ((relative, reference("seat", ticket.id)), (stranger, code)):
        with pytest.raises(DueUnknown):
            await home.city.pay(other, wrong)

    payment = await home.city.pay(relative, code)
    assert await home.city.balance(relative) == 1_000_00 - 113_20
    receipt = await home.city.payments.receipt(viewer, payment.id, "en")
    assert (receipt.description.title, SECRET in str(receipt)) == ("Electricity · 2026-10", False)
    with pytest.raises(Settled):
        await home.city.pay(owner, code)
    news = dict(await home.news(owner))
    assert news["bill_paid_by_relative"] == {"amount": 113_20, "title": "Electricity · 2026-10"}
    assert home.city.verified() == []

    await home.families.end(owner.id, tie.id)
    await home.families.end(owner.id, tie.id)
    again = reference("bill", (await home.bill(owner)).id)
    with pytest.raises(DueUnknown):
        await home.city.pay(relative, again)
    assert SECRET not in str(await home.city.payments.receipt(viewer, payment.id, "en"))


async def test_tie_that_ends_between_price_and_batch_pays_nothing(home: FamilyCity):
    owner, relative = await home.adult(), await home.adult()
    tie = await home.linked(owner, relative, Role.RELATIVE, BILLS)
    code = reference("bill", (await home.bill(owner)).id)
    payments = home.city.payments
    trade = payments.sectors["bill"]

    async def ended(scan):
        offer = await trade.price(scan)
        await home.families.end(relative.id, tie.id)
        return offer

    slow = replace(trade)  # type: ignore[type-var]
    object.__setattr__(slow, "price", ended)
    late = replace(payments, sectors={**payments.sectors, "bill": slow})
    with pytest.raises(TieEnded):
        await late.pay(PaymentRequest(relative.id, relative.bucket, code, "key"))
    assert await home.city.balance(relative) == 1_000_00


async def test_helper_pays_from_the_owners_wallet_and_never_passes_the_mandate(home: FamilyCity):
    owner, helper, other = await home.adult(5_000_00, name="王秀英"), await home.adult(), await home.adult()
    tie = await home.linked(owner, helper, Role.HELPER, home.mandate(300_00))
    codes = [reference("bill", (await home.bill(owner, amount=40_00)).id) for _ in range(12)]
    answers = await asyncio.gather(*(act(home, helper, tie, code, key=code) for code in codes), return_exceptions=True)
    refused = [one for one in answers if isinstance(one, BaseException)]
    assert {type(one) for one in refused} == {MandateReached}
    assert len(refused) == 12 - 7
    assert (await home.city.balance(owner), await home.city.balance(helper)) == (5_000_00 - 280_00, 1_000_00)
    paid = next(code for code, one in zip(codes, answers, strict=True) if one not in refused)
    assert (await act(home, helper, tie, paid, key=paid)).amount == 40_00

    desk = await home.acting.desk(home.city.payments, helper.id, tie.id, "en")
    assert (desk.owner, desk.balance, desk.left, len(desk.bills)) == ("王**", 4_720_00, 20_00, 5)
    deeds = [one.deed for one in await home.deeds(owner) if one.deed.action == "bill_paid_for"]
    assert {(one.actor_id, one.outcome) for one in deeds} == {(helper.id, "done"), (helper.id, "mandate_reached")}
    for who, wrong, refusal in (
        (other, codes[0], errors.TieUnknown),
        (helper, "bus-1", DueUnknown),
        (helper, "ABCDEFGHJKLMNPQR", DueUnknown),
        (helper, reference("seat", (await home.bill(owner, kind=SEAT)).id), DueUnknown),
        (helper, reference("bill", (await home.bill(other)).id), DueUnknown),
    ):
        with pytest.raises(refusal):
            await act(home, who, tie, wrong, key=wrong)
    with pytest.raises(PasscodeWrong):
        await home.acting.pay(home.city.payments, helper.id, tie.id, code=codes[0], key="x", passcode="314159")

    await home.allowances.top_up_for(helper, tie.id, amount=100_00, key="top")
    assert await home.city.balance(owner) == 4_820_00
    assert home.city.verified() == []
    home.city.clock.turn(timedelta(days=31))
    with pytest.raises(errors.TieUnknown):
        await act(home, helper, tie, codes[0])


async def test_mandate_gives_only_the_rights_that_were_ticked_and_either_ends_it(home: FamilyCity):
    owner, helper = await home.adult(), await home.adult()
    tie = await home.linked(owner, helper, Role.HELPER, home.mandate(0, rights=Right.SEE_BALANCE))
    code = reference("bill", (await home.bill(owner)).id)
    desk = await home.acting.desk(home.city.payments, helper.id, tie.id, "en")
    assert (desk.balance, desk.bills, desk.may("PAY_BILLS")) == (1_000_00, (), False)
    with pytest.raises(errors.RightMissing):
        await act(home, helper, tie, code)
    with pytest.raises(errors.RightMissing):
        await home.allowances.top_up_for(helper, tie.id, amount=1, key="top")
    await home.families.end(helper.id, tie.id)
    with pytest.raises(errors.TieUnknown):
        await home.acting.desk(home.city.payments, helper.id, tie.id, "en")
    assert {kind for kind, _ in await home.news(owner)} == {"family_linked", "family_ended"}


async def test_invitation_tells_no_more_than_sending_money_does(home: FamilyCity):
    owner, relative = await home.adult(), await home.adult(name="李小红")
    child = await home.child_of(owner)
    nobody = replace(relative, phone=made_up.phone())
    young = await home.adult(id_number=home.new_child(17).id_number)
    assert (await home.families.invitee(owner.id, relative.phone)).name == "李**"
    for who, refusal in ((nobody, errors.PersonUnknown), (young, errors.PersonUnknown), (owner, errors.PersonIsSelf)):
        with pytest.raises(refusal):
            await home.families.invite(home.asking(owner, who, Role.RELATIVE, BILLS))
    with pytest.raises(RecipientUnknown):
        await home.sendings.recipient(owner.id, nobody.phone)
    with pytest.raises(errors.NotOfAge):
        await home.families.invite(home.asking(child, relative, Role.RELATIVE, BILLS))
    with pytest.raises(errors.PersonChanged):
        await home.families.invite(replace(home.asking(owner, relative, Role.RELATIVE, BILLS), expects="王*"))
    with pytest.raises(PasscodeWrong):
        await home.families.invite(
            replace(home.asking(owner, relative, Role.HELPER, home.mandate()), passcode="314159")
        )
    for role, terms in (
        (Role.RELATIVE, Terms()),
        (Role.HELPER, home.mandate(0)),
        (Role.HELPER, home.mandate(MANDATE_FEN_MAX + 1)),
        (Role.HELPER, home.mandate(days=-1)),
        (Role.HELPER, home.mandate(days=400)),
        (Role.HELPER, home.mandate(rights=Right(0))),
    ):
        with pytest.raises(errors.TermsInvalid):
            await home.families.invite(home.asking(owner, relative, role, terms))
    assert all(one.deed.outcome != "done" for one in await home.deeds(owner) if one.deed.action == "family_invited")


async def test_invitation_is_answered_once_taken_back_or_too_old(home: FamilyCity):
    owner, relative, other = await home.adult(), await home.adult(), await home.adult()
    asked = home.asking(owner, relative, Role.RELATIVE, BILLS)
    same = await asyncio.gather(*(home.families.invite(asked) for _ in range(3)))
    assert len({one.id for one in same}) == 1
    await home.families.end(relative.id, same[0].id)
    with pytest.raises(errors.InvitationOver):
        await home.families.accept(relative.id, same[0].id)
    again = await home.families.invite(asked)
    with pytest.raises(errors.TieUnknown):
        await home.families.end(other.id, again.id)
    with pytest.raises(errors.TiedAlready):
        await home.families.invite(replace(asked, terms=Terms(kinds=(BILL, SEAT))))
    home.city.clock.turn(timedelta(days=14))
    with pytest.raises(errors.InvitationOver):
        await home.families.accept(relative.id, again.id)
    late = await home.families.invite(asked)
    assert late.id != again.id
    await home.families.accept(relative.id, late.id)
    for _ in range(TIES_MAX - 1):
        await home.families.invite(home.asking(owner, await home.adult(0, passcode=None), Role.RELATIVE, BILLS))
    with pytest.raises(errors.TiesFull):
        await home.families.invite(home.asking(owner, other, Role.RELATIVE, BILLS))
    assert home.city.verified() == []
