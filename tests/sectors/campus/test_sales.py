from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from haihe.base.i18n import LANGUAGES, translate, translator
from haihe.base.ids import first_id_at
from haihe.catalogue.model import ClosedNow, NotOffered, ServiceUnknown
from haihe.payments.errors import AmountFixed, AmountInvalid, AmountMissing, InsufficientFunds
from haihe.payments.model import Channel, Payment, Source
from haihe.sectors.campus.errors import CardEnded, CardForeign, CardMissing
from tests.sectors.campus.conftest import JINWAN, MEALS, CampusCity


def paid_by(payment: Payment) -> list[tuple[Source, int]]:
    return [(share.source, share.amount) for share in payment.paid_by]


def changed_by_owner(city: CampusCity, statement: str, *values: object) -> None:
    """Do what the city never does itself."""
    with psycopg.connect(city.city.access.owner_dsn) as connection:
        connection.execute(statement, values)


async def test_lunch_takes_what_is_left_of_the_subsidy_and_then_the_wallet(campus_city: CampusCity):
    """C2: 12.50 with 8.00 of subsidy left is 8.00 from the purse and 4.50 from the wallet, on the receipt too."""
    city, student = campus_city, campus_city.citizens[0]
    assert await city.meal_money(student) == MEALS
    await city.eat_down_to(student, 8_00)
    before, till = await city.city.balance(student), await city.city.till(city.university().id)

    payment = await city.lunch(student, 12_50)
    assert payment.amount == 12_50
    assert paid_by(payment) == [(Source.PURSE, 8_00), (Source.BALANCE, 4_50)]
    assert (payment.point, payment.service) == (city.point("c1-noodles").id, city.service("c1-noodles").id)
    assert payment.channel is Channel.PAYMENT_CODE
    assert await city.meal_money(student) == 0
    assert await city.city.balance(student) == before - 4_50
    assert await city.city.till(city.university().id) == till + 12_50

    receipt = await city.city.payments.receipt(city.city.viewer(student), payment.id, "ru")
    assert [(part.name, part.amount) for part in receipt.parts] == [
        ("Дотация на питание (Хайгуский университет)", 8_00),
        (translate("ru", "Wallet balance"), 4_50),
    ]
    assert receipt.description.title == "Зал 1 · ланьчжоуская лапша"
    assert city.city.verified() == []


async def test_subsidy_alone_pays_while_it_suffices_and_stands_in_the_history(campus_city: CampusCity):
    city, student = campus_city, campus_city.citizens[1]
    before = await city.city.balance(student)
    payment = await city.lunch(student, 12_50)
    assert paid_by(payment) == [(Source.PURSE, 12_50)]
    assert (await city.city.balance(student), payment.balance) == (before, before)
    history = await city.city.payments.history(city.city.viewer(student), "en", limit=10, cursor=None)
    assert ("Hall 1 · Lanzhou noodles", -12_50) in [(one.title, one.amount) for one in history.items]
    receipt = await city.city.payments.receipt(city.city.viewer(student), payment.id, "en")
    assert [(part.source, part.amount) for part in receipt.parts] == [(Source.PURSE, 12_50)]


async def test_meal_money_is_taken_at_canteens_of_the_own_university_alone(campus_city: CampusCity):
    city, student = campus_city, campus_city.citizens[0]
    shop = await city.lunch(student, 9_00, at="self-1")
    copies = await city.city.pay(student, city.code("print-library.a4-colour"))
    # A canteen that serves everybody takes the meal money of its own members only.
    other = campus_city.citizens[3]
    foreign = await city.lunch(other, 9_00, at="snack-pizza")
    assert [paid_by(one) for one in (shop, copies, foreign)] == [
        [(Source.BALANCE, 9_00)],
        [(Source.BALANCE, 1_00)],
        [(Source.BALANCE, 9_00)],
    ]
    assert paid_by(await city.lunch(student, 9_00, at="snack-pizza")) == [(Source.PURSE, 9_00)]
    assert (await city.meal_money(student), await city.meal_money(other)) == (MEALS - 9_00, 180_00)
    assert city.city.verified() == []


async def test_wrong_and_missing_cards_are_refused_in_three_languages(campus_city: CampusCity):
    city = campus_city
    stranger, visitor = city.citizens[3], city.citizens[4]
    told = {}
    for citizen, refusal in ((stranger, CardForeign), (visitor, CardMissing)):
        before = await city.city.balance(citizen)
        with pytest.raises(refusal) as refused:
            await city.lunch(citizen, 12_50)
        with pytest.raises(refusal):
            await city.city.pay(citizen, city.code("exams.cet4"))
        with pytest.raises(refusal):
            await city.city.payments.quote(city.city.viewer(citizen), city.code("exams.cet4"), "en")
        assert await city.city.balance(citizen) == before
        told[refusal.code] = {refused.value.message(translator(language)) for language in LANGUAGES}
        assert refused.value.status == 403
    assert [len(texts) for texts in told.values()] == [3, 3]
    assert paid_by(await city.lunch(stranger, 12_50, university=JINWAN)) == [(Source.PURSE, 12_50)]


async def test_ended_card_is_refused_and_keeps_its_meal_money(campus_city: CampusCity):
    city, student, blocked = campus_city, campus_city.citizens[0], campus_city.citizens[1]
    changed_by_owner(city, "UPDATE campus_cards SET status = 1 WHERE citizen = %s", blocked.id)
    changed_by_owner(city, "UPDATE campus_cards SET valid_until = '2020-06-30' WHERE citizen = %s", student.id)
    for citizen in (student, blocked):
        with pytest.raises(CardEnded):
            await city.lunch(citizen, 12_50)
        assert paid_by(await city.lunch(citizen, 5_00, at="snack-pizza")) == [(Source.BALANCE, 5_00)]
        assert await city.meal_money(citizen) == MEALS


async def test_amounts_that_cannot_be_are_refused(campus_city: CampusCity):
    city, student = campus_city, campus_city.citizens[0]
    with pytest.raises(AmountMissing):
        await city.lunch(student, None)
    for amount in (0, -1, 200_01):
        with pytest.raises(AmountInvalid):
            await city.lunch(student, amount)
    assert await city.meal_money(student) == MEALS


async def test_sticker_of_a_machine_costs_its_price_and_that_of_a_shop_what_is_typed(campus_city: CampusCity):
    city, student = campus_city, campus_city.citizens[0]
    washing, shop = await city.sticker("laundry-1.wash"), await city.sticker("self-1")
    viewer = city.city.viewer(student)
    quote = await city.city.payments.quote(viewer, washing, "zh")
    assert (quote.amount, quote.description.title, quote.payee) == (3_50, "标准洗 · 一号宿舍楼洗衣房", "海沽商科大学")
    assert (await city.city.payments.quote(viewer, shop, "en")).amount is None

    washed = await city.city.pay(student, washing)
    assert (washed.amount, washed.point, washed.channel) == (3_50, city.point("laundry-1").id, Channel.STICKER)
    with pytest.raises(AmountFixed):
        await city.city.pay(student, washing, 1)
    with pytest.raises(AmountMissing):
        await city.city.pay(student, shop)
    bought = await city.city.pay(student, shop, 6_80)
    assert (bought.amount, bought.point, bought.service) == (6_80, city.point("self-1").id, city.service("self-1").id)
    assert city.city.verified() == []


async def test_service_is_paid_in_the_app_while_it_is_open(campus_city: CampusCity):
    city, student = campus_city, campus_city.citizens[0]
    city.turn_to(12)
    lunch = await city.city.pay(student, city.code("c1-sets.lunch-b"))
    assert (lunch.amount, lunch.point, lunch.channel) == (12_50, city.point("c1-sets").id, Channel.APP)
    assert paid_by(lunch) == [(Source.PURSE, 12_50)]
    donation = await city.city.pay(student, city.code("ceremonies.donation"), 50_00)
    assert paid_by(donation) == [(Source.BALANCE, 50_00)]

    city.turn_to(3)
    with pytest.raises(ClosedNow) as closed:
        await city.city.pay(student, city.code("c1-sets.lunch-b"))
    assert closed.value.details["opens_at"]
    # Where a cashier stands it is open, whatever the clock says; whom it is for has not changed.
    assert (await city.lunch(student, 12_50)).amount == 12_50


async def test_unknown_services_are_refused(campus_city: CampusCity):
    city, student = campus_city, campus_city.citizens[0]
    for code in ("campus-1", f"campus-{city.university().id}", f"campus-{city.point('laundry-1').id}"):
        with pytest.raises(ServiceUnknown):
            await city.city.pay(student, code)
    city.city.clock.turn(timedelta(days=-365 * 6))
    assert first_id_at(city.city.clock.now()) > 0
    changed_by_owner(city, "UPDATE service_terms SET until = '2018-01-01'")
    await city.city.reload()
    with pytest.raises(NotOffered):
        await city.city.pay(student, city.code("laundry-1.wash"))


async def test_too_little_money_leaves_the_subsidy_alone(campus_city: CampusCity):
    city = campus_city
    (poor,) = await city.city.register(1, money=3_00)
    changed_by_owner(
        city,
        "INSERT INTO campus_cards (citizen, organisation, valid_until, bucket, role, number) VALUES (%s, %s, '2099-06-30', %s, 1, 'X1')",
        poor.id,
        city.university().id,
        poor.bucket,
    )
    await city.grant(poor, 8_00)
    with pytest.raises(InsufficientFunds):
        await city.lunch(poor, 12_50)
    assert (await city.meal_money(poor), await city.city.balance(poor)) == (8_00, 3_00)
    assert (await city.lunch(poor, 11_00)).amount == 11_00
    assert city.city.verified() == []


async def test_meal_money_that_was_spent_elsewhere_is_found(campus_city: CampusCity):
    """The check finds a purse's share at what is no canteen."""
    city, student = campus_city, campus_city.citizens[0]
    await city.lunch(student, 12_50)
    assert city.city.verified() == []
    changed_by_owner(city, "UPDATE campus_points SET kind = 'shop' WHERE id = %s", city.point("c1-noodles").id)
    findings = "\n".join(city.city.verified())
    assert "which is no canteen of its university" in findings
