from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from haihe.payments.dues.model import DueUnknown
from haihe.payments.errors import NoLongerDue, Settled
from haihe.payments.model import Payment, PaymentRequest
from haihe.people.errors import IdNumberCheckDigit
from haihe.people.model import Citizen
from haihe.people.records import Records
from haihe.people.store import CitizenRow
from haihe.sectors.social import store
from haihe.sectors.social.errors import (
    AlreadyCovered,
    InsuredUnknown,
    NothingDue,
    RelativesFull,
    RelativeUnknown,
    WindowClosed,
    WrongAgeGroup,
)
from haihe.sectors.social.model import State
from haihe.sectors.social.rules import grouped, is_receipt_number
from haihe.sectors.social.service import RELATIVES_MAX
from haihe.web.guards import Staff
from tests.sectors.social.conftest import SocialCity

UNREGISTERED = "120198199001019990"
ADULT_FEN, HIGH_FEN, STUDENT_FEN = 170_00, 740_00, 100_00


async def states(city: SocialCity, citizen: Citizen) -> list[State]:
    return [one.state for one in (await city.contributions.overview(citizen.id)).people]


async def test_adult_enrols_and_is_covered_with_an_official_receipt(social_city: SocialCity):
    """S1, S10, S12: tiers and deadline shown, wrong age group refused, receipt, and the way back to the ledger."""
    city = social_city
    (adult,) = await city.born(40)
    page = await city.contributions.overview(adult.id)
    assert page.window
    assert page.window.opens <= city.contributions.today() <= page.window.closes
    assert [option.amount for option in page.people[0].options] == [ADULT_FEN, HIGH_FEN]
    with pytest.raises(WrongAgeGroup):
        await city.choose(adult, "student")

    payment = await city.city.pay(adult, await city.choose(adult, "basic"))
    assert payment.amount == ADULT_FEN
    assert await city.city.balance(adult) == 1_000_00 - ADULT_FEN
    covered = await city.covered(adult)
    assert covered
    assert (covered.tier, covered.amount, covered.payment, covered.payer) == ("basic", ADULT_FEN, payment.id, adult.id)
    assert is_receipt_number(covered.receipt)
    receipt = await city.city.payments.receipt(city.city.viewer(adult), payment.id, "en")
    assert ("Official receipt number", grouped(covered.receipt)) in receipt.description.details
    assert await states(city, adult) == [State.COVERED]

    traced, people = await city.bureau.trace(Staff(1, city.office, 1, "accountant"), covered.id)
    assert (traced.batch, traced.transfer, traced.transferred) == (payment.batch, payment.id, ADULT_FEN)
    assert people[adult.id][0] == adult.masked_name
    assert await city.city.till(city.office) == ADULT_FEN
    assert not city.city.verified()


async def test_who_is_too_old_has_nothing_to_pay_and_children_pay_as_students(social_city: SocialCity):
    city = social_city
    old, child = await city.born(65, 12)
    with pytest.raises(NothingDue):
        await city.choose(old, "basic")
    assert await states(city, old) == [State.FREE]
    with pytest.raises(WrongAgeGroup):
        await city.choose(child, "basic")
    assert (await city.city.pay(child, await city.choose(child, "student"))).amount == STUDENT_FEN


async def test_child_pays_for_a_parent_and_the_parent_is_covered(social_city: SocialCity):
    """S2, S3: credited to the parent's ID; the same year again is refused, whoever asks."""
    city = social_city
    child, parent, stranger = await city.born(30, 55, 40)
    with pytest.raises(InsuredUnknown):
        await city.choose(child, "basic", person=parent)
    await city.link(child, parent)
    code = await city.choose(child, "basic", person=parent)
    with pytest.raises(DueUnknown):
        await city.city.pay(stranger, code)
    payment = await city.city.pay(child, code)
    covered = await city.covered(parent)
    assert covered
    assert (covered.person, covered.payer, covered.payment) == (parent.id, child.id, payment.id)
    assert await city.covered(child) is None
    assert await city.city.balance(parent) == 1_000_00
    assert await states(city, child) == [State.CHOICE, State.COVERED]

    for payer in (child, parent):
        with pytest.raises(AlreadyCovered):
            await city.choose(payer, "high", person=parent)
        with pytest.raises(Settled):
            await city.city.pay(payer, code)
    assert await city.city.till(city.office) == ADULT_FEN
    assert not city.city.verified()


async def test_two_relatives_who_pay_at_once_pay_once(social_city: SocialCity):
    """S3 on the real engine: the payers live in different buckets, so that only the due's own lock decides."""
    city = social_city
    (parent,) = await city.born(58)
    children = list(await city.city.neighbours())
    for child in children:
        await city.link(child, parent)
    codes = await asyncio.gather(*(city.choose(child, "basic", person=parent) for child in children))
    assert codes[0] == codes[1]
    requests = [
        PaymentRequest(payer.id, payer.bucket, codes[0], f"{payer.id} {attempt}")
        for attempt in range(4)
        for payer in children
    ]
    answers = await city.city.payments.pay_all(requests)
    paid = [answer for answer in answers if isinstance(answer, Payment)]
    assert len(paid) == 1
    assert all(isinstance(answer, Payment | Settled) for answer in answers)
    assert sum([await city.city.balance(child) for child in children]) == 2 * 1_000_00 - ADULT_FEN
    covered = await city.covered(parent)
    assert covered
    assert (covered.payment, covered.payer) == (paid[0].id, paid[0].payer)
    assert not city.city.verified()


async def test_unpaid_choice_is_replaced_by_another_also_when_two_choose_at_once(social_city: SocialCity):
    city = social_city
    parent, first, second = await city.born(50, 30, 28)
    basic, again = await city.choose(parent, "basic"), await city.choose(parent, "basic")
    assert basic == again
    high = await city.choose(parent, "high")
    assert high != basic
    with pytest.raises(NoLongerDue):
        await city.city.pay(parent, basic)

    for child in (first, second):
        await city.link(child, parent)
    await asyncio.gather(
        *(city.choose(who, tier, person=parent) for who in (first, second, parent) for tier in ("basic", "high"))
    )
    dues = await city.city.ground.dues.of_subjects(7, [parent.id])
    (living,) = [due for due in dues if due.is_payable(city.city.clock.now())]
    payment = await city.city.pay(second, f"contribution-{living.id}")
    covered = await city.covered(parent)
    assert covered
    assert (covered.tier, covered.amount) == (living.body["tier"], payment.amount)


async def test_closed_window_refuses_with_its_dates(social_city: SocialCity):
    """S5: nobody enrols outside the window, and what was chosen in it can no longer be paid afterwards."""
    city = social_city
    (adult,) = await city.born(40)
    await city.only_open(10, 40)
    with pytest.raises(WindowClosed) as refused:
        await city.choose(adult, "basic")
    today = city.contributions.today()
    assert refused.value.details["opens_on"] == today + timedelta(days=10)
    assert str(refused.value.details["closed_on"]) < str(today)
    assert await states(city, adult) == [State.CLOSED]


async def test_choice_of_yesterdays_window_cannot_be_paid_and_late_cover_waits(social_city: SocialCity):
    city = social_city
    adult, other = await city.born(40, 41)
    await city.only_open(-3, 2, waiting_days=90)
    today, year = city.contributions.today(), city.contributions.today().year
    await city.city.pay(adult, await city.choose(adult, "basic"))
    covered = await city.covered(adult, city.year)
    assert covered
    assert covered.covered_from == today + timedelta(days=90)
    assert covered.year in {year, (today - timedelta(days=3)).year}
    late = await city.choose(other, "basic")
    city.city.clock.turn(timedelta(days=3))
    with pytest.raises(NoLongerDue):
        await city.city.pay(other, late)
    assert await city.city.balance(other) == 1_000_00


async def test_low_income_is_covered_without_paying_and_the_subsidy_is_told(social_city: SocialCity):
    """S4: 0 due, the subsidy as a line; also when a tier was chosen before the city knew."""
    city = social_city
    (poor,) = await city.born(45, money=0)
    chosen = await city.choose(poor, "high")
    async with city.city.database.connection() as connection:
        await store.insert_standings(connection, [(poor.id, "low-income")], valid_from=city.contributions.today())
    assert await city.choose(poor, "basic") == "contribution-0"
    covered = await city.covered(poor)
    assert covered
    assert (covered.amount, covered.subsidy, covered.payment) == (0, ADULT_FEN, 0)
    assert is_receipt_number(covered.receipt)
    with pytest.raises(NoLongerDue):
        await city.city.pay(poor, chosen)
    with pytest.raises(AlreadyCovered):
        await city.choose(poor, "basic")
    (tier,) = (await city.bureau.year(city.office)).tiers
    assert (tier.tier, tier.paid, tier.subsidised, tier.subsidy, tier.open) == ("basic", 0, 1, ADULT_FEN, 0)
    assert not city.city.verified()


async def test_relatives_are_found_by_name_and_number_together(social_city: SocialCity):
    city = social_city
    child, parent = await city.born(30, 55)
    someone = (await city.born(44))[0]
    for name, number in ((someone.name + "某", parent.id_number), (parent.name, someone.id_number)):
        if (name, number) not in {(one.name, one.id_number) for one in (parent, someone)}:
            with pytest.raises(RelativeUnknown):
                await city.contributions.add_relative(child.id, name=name, id_number=number)
    with pytest.raises(RelativeUnknown):
        await city.contributions.add_relative(child.id, name=child.name, id_number=child.id_number)
    wrong = parent.id_number[:17] + ("0" if parent.id_number[17] != "0" else "1")
    with pytest.raises(IdNumberCheckDigit):
        await city.contributions.add_relative(child.id, name=parent.name, id_number=wrong)

    await city.link(child, parent)
    await city.link(child, parent)
    code = await city.choose(child, "basic", person=parent)
    await city.contributions.remove_relative(child.id, parent.id)
    with pytest.raises(DueUnknown):
        await city.city.pay(child, code)
    assert (await city.city.pay(parent, code)).amount == ADULT_FEN

    for relative in await city.city.register(RELATIVES_MAX, 0):
        await city.link(child, relative)
    with pytest.raises(RelativesFull):
        await city.link(child, parent)


async def test_a_miss_opens_as_many_records_as_a_hit(social_city: SocialCity, monkeypatch: pytest.MonkeyPatch):
    """How long an answer takes must not tell who is registered: decrypting is what takes time beside the statements."""
    city = social_city
    child, parent = await city.born(30, 55)
    opened: list[int] = []
    really = Records.open

    def counted(self: Records, row: CitizenRow) -> Citizen:
        opened.append(row.id)
        return really(self, row)

    monkeypatch.setattr(Records, "open", counted)
    counts = []
    for name, number in (
        (parent.name, parent.id_number),
        (parent.name + "某", parent.id_number),
        ("王某", UNREGISTERED),
    ):
        opened.clear()
        found = await city.city.ground.people.find_named(name=name, id_number=number, stand_in=child.id)
        assert (found is not None) == (name == parent.name)
        counts.append(len(opened))
    assert counts == [1, 1, 1]


async def test_what_does_not_agree_is_named(social_city: SocialCity):
    city = social_city
    adult, other = await city.born(40, 41)
    await city.city.pay(adult, await city.choose(adult, "basic"))
    assert not city.city.verified()
    faults = (
        ("UPDATE contributions SET amount = amount + 1", "does not match payment"),
        (f"UPDATE contributions SET person = {other.id}", "another person"),
        ("UPDATE contributions SET receipt = repeat('1', 24)", "not its own"),
        ("DELETE FROM contributions", "does not match payment"),
    )
    for statement, finding in faults:
        with psycopg.connect(city.city.access.owner_dsn) as connection:
            connection.execute("CREATE TABLE kept AS SELECT * FROM contributions")
            connection.execute(statement.encode())
        assert any(finding in text for text in city.city.verified()), statement
        with psycopg.connect(city.city.access.owner_dsn) as connection:
            connection.execute("DELETE FROM contributions")
            connection.execute("INSERT INTO contributions SELECT * FROM kept")
            connection.execute("DROP TABLE kept")
    assert not city.city.verified()
