"""Payments that not the wallet alone pays: purses, funds, dues, payment codes, on the engine that every sector shares."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from haihe.codes.model import CodeUnknown
from haihe.codes.payment_codes import PaymentCodeExpired, PaymentCodeUnknown, PaymentCodeUsed
from haihe.counter.branch import Branch, Ground
from haihe.ledger import service as ledger
from haihe.ledger.model import AccountFlag
from haihe.ops.access import Access
from haihe.payments.dues.model import Due, DueUnknown, NewDue
from haihe.payments.dues.trade import DueTrade
from haihe.payments.errors import (
    AccountFrozen,
    InsufficientFunds,
    KeyReused,
    NoLongerDue,
    Settled,
    SponsorUnavailable,
)
from haihe.payments.model import Charge, Contribution, Description, Offer, Payment, Source
from haihe.payments.references import reference
from haihe.people.model import Citizen
from haihe.wallet.purses.model import Grant
from haihe.web.part import Part
from tests.conftest import BUCKETS
from tests.grounds import SectorCity, open_ground
from tests.payments.conftest import PlainSector

NUMBER = 71


def tell(due: Due, language: str) -> Description:
    return Description(f"Visit {due.period}", "hospital")


def clinic(ground: Ground) -> Branch:
    """A clinic whose fund bears what the due's body says, and where the purse of scheme `account` is used first."""

    async def shape(due: Due, offer: Offer) -> Offer:
        share = int(str(due.body.get("fund", 0)))
        contributions = (Contribution(ground.purses.fund("insurance").id, share),) if share else ()
        return replace(offer, contributions=contributions)

    trade = DueTrade("clinic", NUMBER, "hospital", "Clinics", ground.dues, tell, shape)
    return Branch(Part("clinic"), trades=(trade, PlainSector()))


@pytest.fixture
async def city(database: Access) -> AsyncIterator[SectorCity]:
    async with open_ground(database, clinic) as opened:
        insurer = await opened.organisation("insurer", "insurer")
        await opened.organisation("clinic", "hospital")
        fund = await opened.ground.purses.found_fund(organisation=insurer.id, key="insurance", names={"en": "Fund"})
        for bucket in range(BUCKETS):
            posting = opened.ground.base.ids.next()
            await opened.ground.purses.pay_in(
                fund, bucket, posting=posting, amount=1_000_00, effective=opened.clock.now()
            )
        await opened.ground.purses.found_scheme(key="account", names={"en": "Personal account"}, fund=fund)
        yield opened


async def owe(city: SectorCity, citizen: Citizen, amount: int, *, fund: int = 0, period: str = "1") -> str:
    """Have a citizen owe a clinic; give the reference."""
    clinic = city.ground.organisations.by_key("clinic")
    assert clinic is not None
    new = NewDue(
        organisation=clinic.id,
        subject=citizen.id,
        period=period,
        amount=amount,
        due_on=date(2030, 1, 1),
        body={"fund": fund},
    )
    issued = await city.ground.dues.issue(NUMBER, [new])
    await city.ground.dues.follow(citizen.id, NUMBER, [citizen.id])
    return reference("clinic", issued.dues[0].id)


async def give(city: SectorCity, citizen: Citizen, amount: int) -> None:
    """Put money into a citizen's personal account."""
    scheme = city.ground.purses.scheme("account")
    grant = Grant(city.ground.base.ids.next(), citizen.id, amount)
    await city.ground.purses.grant(scheme, citizen.bucket, [grant], effective=city.clock.now())


def parts(payment: Payment) -> list[tuple[Source, int]]:
    return [(share.source, share.amount) for share in payment.paid_by]


async def test_fund_bears_its_share_then_the_purse_pays_then_the_wallet(city: SectorCity):
    (patient,) = await city.register(1, 500_00)
    await give(city, patient, 60_00)
    code = await owe(city, patient, 300_00, fund=110_00)
    quote = await city.payments.quote(city.viewer(patient), code, "en")
    assert (quote.amount, quote.own) == (300_00, 130_00)
    assert [(part.name, part.amount) for part in quote.parts] == [
        ("Fund", 110_00),
        ("Personal account", 60_00),
        ("Wallet balance", 130_00),
    ]
    paid = await city.pay(patient, code)
    assert parts(paid) == [(Source.FUND, 110_00), (Source.PURSE, 60_00), (Source.BALANCE, 130_00)]
    assert paid.balance == await city.balance(patient) == 500_00 - 130_00
    assert await city.till(paid.payee) == 300_00
    receipt = await city.payments.receipt(city.viewer(patient), paid.id, "en")
    assert [part.amount for part in receipt.parts] == [110_00, 60_00, 130_00]
    history = await city.payments.history(city.viewer(patient), "en", limit=10, cursor=None)
    assert [entry.amount for entry in history.items] == [-190_00, 60_00, 500_00]
    assert city.verified() == []


async def test_purse_alone_pays_and_the_wallet_keeps_what_it_had(city: SectorCity):
    (patient,) = await city.register(1, 7_00)
    await give(city, patient, 60_00)
    paid = await city.pay(patient, await owe(city, patient, 60_00))
    assert (parts(paid), paid.balance) == ([(Source.PURSE, 60_00)], 7_00)
    history = await city.payments.history(city.viewer(patient), "en", limit=1, cursor=None)
    assert [entry.amount for entry in history.items] == [-60_00]
    again = await city.payments.history(city.viewer(patient), "en", limit=10, cursor=history.next_cursor)
    assert [entry.amount for entry in again.items] == [60_00, 7_00]
    assert city.verified() == []


async def test_refused_payment_takes_nothing_from_purse_or_fund(city: SectorCity):
    (patient,) = await city.register(1, 5_00)
    await give(city, patient, 60_00)
    code = await owe(city, patient, 300_00, fund=110_00)
    with pytest.raises(InsufficientFunds):
        await city.pay(patient, code)
    purses = await city.ground.purses.of(citizen=patient.id, bucket=patient.bucket)
    assert ([purse.amount for purse in purses], await city.balance(patient)) == ([60_00], 5_00)
    assert await city.available(patient.bucket, city.ground.purses.fund("insurance").id) == 1_000_00 - 60_00
    assert city.verified() == []


async def test_empty_fund_refuses_and_moves_nothing(city: SectorCity):
    (patient,) = await city.register(1, 5_000_00)
    with pytest.raises(SponsorUnavailable):
        await city.pay(patient, await owe(city, patient, 2_000_00, fund=1_500_00))
    assert await city.balance(patient) == 5_000_00
    assert city.verified() == []


async def test_frozen_wallet_pays_nothing_from_its_purse_either(city: SectorCity):
    (patient,) = await city.register(1, 5_00)
    await give(city, patient, 60_00)
    async with city.database.transaction() as connection:
        await ledger.set_flags(connection, patient.bucket, patient.id, add=AccountFlag.FROZEN)
    with pytest.raises(AccountFrozen):
        await city.pay(patient, await owe(city, patient, 10_00))


async def test_two_followers_in_different_buckets_pay_a_due_once(city: SectorCity):
    one, other = await city.neighbours()
    code = await owe(city, one, 50_00)
    await city.ground.dues.follow(other.id, NUMBER, [one.id])
    answers = await asyncio.gather(city.pay(one, code), city.pay(other, code), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Payment", "Settled"]
    assert await city.balance(one) + await city.balance(other) == 2 * 1_000_00 - 50_00
    assert city.verified() == []


async def test_due_of_a_stranger_is_unknown_and_ended_ones_say_so(city: SectorCity):
    one, other = await city.register(2)
    code = await owe(city, one, 50_00)
    with pytest.raises(DueUnknown):
        await city.pay(other, code)
    first = await city.pay(one, code, key="k")
    assert (await city.pay(one, code, key="k")).id == first.id
    with pytest.raises(Settled):
        await city.pay(one, code)
    with pytest.raises(KeyReused):
        await city.pay(one, await owe(city, one, 1_00, period="2"), key="k")
    withdrawn = await owe(city, one, 1_00, period="3")
    due = int(withdrawn.partition("-")[2])
    assert await city.ground.dues.withdraw([due], organisation=first.payee) == 1
    with pytest.raises(NoLongerDue):
        await city.pay(one, withdrawn)


async def test_issuing_twice_gives_the_same_due(city: SectorCity):
    (one,) = await city.register(1)
    assert await owe(city, one, 50_00) == await owe(city, one, 50_00)


async def test_payment_code_pays_once_whatever_happens_at_once(city: SectorCity):
    (one,) = await city.register(1)
    dues = [await owe(city, one, 10_00, period=str(number)) for number in range(2)]
    shown = await city.codes.issue(citizen=one.id, bucket=one.bucket)
    points = [int(code.partition("-")[2]) for code in dues]

    async def charge(point: int) -> Payment:
        return await city.payments.charge(Charge("clinic", point, 0, str(shown.code), f"sale {point}"))

    answers: Sequence[Payment | BaseException] = await asyncio.gather(*map(charge, points), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Payment", "PaymentCodeUsed"]
    assert await city.balance(one) == 1_000_00 - 10_00
    winner = next(index for index, answer in enumerate(answers) if isinstance(answer, Payment))
    assert isinstance(repeated := await charge(points[winner]), Payment)
    assert repeated == answers[winner]
    with pytest.raises(PaymentCodeUsed):
        await charge(points[1 - winner])
    assert city.verified() == []


async def test_payment_code_ends_after_a_minute_and_strange_digits_are_unknown(city: SectorCity):
    (one,) = await city.register(1)
    point = int((await owe(city, one, 10_00)).partition("-")[2])
    shown = await city.codes.issue(citizen=one.id, bucket=one.bucket)
    city.clock.turn(timedelta(seconds=61))
    with pytest.raises(PaymentCodeExpired):
        await city.payments.charge(replace(_charge(point), code=str(shown.code)))
    for digits in ("62" + "0" * 16, "12" + "0" * 16, "62", "x" * 18):
        with pytest.raises(PaymentCodeUnknown):
            await city.payments.charge(replace(_charge(point), code=digits))
    assert await city.balance(one) == 1_000_00


def _charge(point: int) -> Charge:
    return Charge("clinic", point, 0, "", "a sale")


async def test_what_is_only_paid_where_it_stands_has_no_reference(city: SectorCity):
    (one,) = await city.register(1)
    with pytest.raises(CodeUnknown):
        await city.pay(one, "plain-5")
    with pytest.raises(CodeUnknown):
        await city.payments.quote(city.viewer(one), "plain-5", "en")
    assert await city.balance(one) == 1_000_00
