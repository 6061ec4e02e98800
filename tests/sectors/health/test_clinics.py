from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from haihe.ops.access import Access
from haihe.payments.dues.model import DueStatus, DueUnknown
from haihe.payments.errors import NoLongerDue, Settled, SponsorUnavailable
from haihe.payments.model import Payment
from haihe.sectors import health
from haihe.sectors.health.errors import BillEmpty, BillNotOpen, PatientUnknown, RecordClosed, SplitChanged
from haihe.sectors.health.model import Item, NewBill, Split, Year
from haihe.sectors.health.service import RECORD_OPEN
from haihe.sectors.health.telling import explain, read_body
from tests.grounds import open_ground
from tests.sectors.health.conftest import ClinicCity, clerk_of, make_clinics


async def test_story_h1_and_h3_three_lines_pay_a_bill(clinic_city: ClinicCity):
    patient = await clinic_city.patient(used=Year(700_00), account=60_00)
    due = await clinic_city.bill(patient)
    assert read_body(due).split == Split(100_00, 110_00, 90_00)
    city, before = clinic_city.city, await clinic_city.fund(patient)
    quote = await city.payments.quote(city.viewer(patient), clinic_city.code(due), "en")
    assert [part.amount for part in quote.parts] == [110_00, 60_00, 130_00]
    payment = await city.pay(patient, clinic_city.code(due))
    receipt = await city.payments.receipt(city.viewer(patient), payment.id, "en")
    assert [(part.name, part.amount) for part in receipt.parts] == [
        ("Insurance fund", 110_00),
        ("Personal account", 60_00),
        ("Wallet balance", 130_00),
    ]
    assert ("CT", "¥300.00") in receipt.description.details
    assert await clinic_city.fund(patient) == before - 110_00
    assert await clinic_city.account(patient) == 0
    assert await city.balance(patient) == 1_000_00 - 130_00
    assert await city.till(clinic_city.hospital.id) == 300_00
    assert await clinic_city.year(patient) == Year(800_00, 110_00)
    assert city.verified() == []


async def test_story_h2_and_a_patient_without_insurance(clinic_city: ClinicCity):
    at_ceiling = await clinic_city.patient(used=Year(800_00, 5_500_00), account=500_00)
    stranger = await clinic_city.patient(insured=False)
    for patient, shares in ((at_ceiling, ["purse"]), (stranger, ["balance"])):
        due = await clinic_city.bill(patient)
        payment = await clinic_city.city.pay(patient, clinic_city.code(due))
        assert [share.source.value for share in payment.paid_by] == shares
    assert await clinic_city.account(at_ceiling) == 200_00
    assert await clinic_city.year(stranger) == Year()
    assert clinic_city.city.verified() == []


async def test_split_is_told_in_plain_words_with_its_figures(clinic_city: ClinicCity):
    patient = await clinic_city.patient(used=Year(700_00))
    words = " ".join(explain(read_body(await clinic_city.bill(patient)).reckoning, "en"))
    for figure in (
        "¥700.00 of the ¥800.00",
        "¥100.00 of this bill",
        "55 per cent of the other ¥200.00",
        "¥110.00",
        "¥190.00",
    ):
        assert figure in words
    full = await clinic_city.patient(used=Year(800_00, 5_450_00))
    words = " ".join(explain(read_body(await clinic_city.bill(full)).reckoning, "en"))
    assert "at most ¥5,500.00 a year and had paid ¥5,450.00: so it bears ¥50.00" in words


async def test_two_bills_at_once_never_use_the_same_deductible(clinic_city: ClinicCity):
    patient = await clinic_city.patient(used=Year(700_00))
    dues = await asyncio.gather(*(clinic_city.bill(patient) for _ in range(6)))
    splits = sorted((read_body(due).split for due in dues), key=lambda one: one.fund)
    assert splits == [Split(100_00, 110_00, 90_00), *[Split(0, 165_00, 135_00)] * 5]
    assert await clinic_city.year(patient) == Year(800_00, 110_00 + 5 * 165_00)
    assert clinic_city.city.verified() == []


async def test_the_same_visit_twice_is_one_bill(clinic_city: ClinicCity):
    patient = await clinic_city.patient(used=Year(700_00))
    bill = clinic_city.written(patient)
    issued = await asyncio.gather(*(clinic_city.clinics.issue(clinic_city.hospital.id, bill) for _ in range(3)))
    assert len({due.id for due in issued}) == 1
    assert await clinic_city.year(patient) == Year(800_00, 110_00)


async def test_withdrawn_bill_gives_back_what_it_used_once_and_cannot_be_paid(clinic_city: ClinicCity):
    patient = await clinic_city.patient(used=Year(700_00))
    due, hospital = await clinic_city.bill(patient), clinic_city.hospital.id
    answers = await asyncio.gather(
        *(clinic_city.clinics.withdraw(hospital, due.id) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one) is BillNotOpen for one in answers) == [False, True, True]
    assert await clinic_city.year(patient) == Year(700_00)
    with pytest.raises(NoLongerDue):
        await clinic_city.city.pay(patient, clinic_city.code(due))
    paid = await clinic_city.bill(patient)
    await clinic_city.city.pay(patient, clinic_city.code(paid))
    with pytest.raises(BillNotOpen):
        await clinic_city.clinics.withdraw(hospital, paid.id)
    with pytest.raises(DueUnknown):
        await clinic_city.clinics.withdraw(clinic_city.other.id, paid.id)
    assert await clinic_city.year(patient) == Year(800_00, 110_00)
    assert clinic_city.city.verified() == []


async def test_story_h6_paid_at_the_bedside_and_at_the_window_at_once_is_paid_once(clinic_city: ClinicCity):
    patient = await clinic_city.patient(used=Year(700_00), account=60_00)
    due, city = await clinic_city.bill(patient), clinic_city.city
    code = clinic_city.code(due)
    answers = await asyncio.gather(
        city.pay(patient, code),
        city.charge(patient, "clinic", due.id, clinic_city.hospital.id),
        city.pay(patient, code),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Payment) for one in answers) == 1
    assert sum(isinstance(one, Settled) for one in answers) == 2
    assert await city.till(clinic_city.hospital.id) == 300_00
    with pytest.raises(Settled):
        await city.pay(patient, code)
    assert city.verified() == []


async def test_story_h11_a_bill_is_nobody_else_s(clinic_city: ClinicCity):
    patient, stranger = await clinic_city.patient(), await clinic_city.patient()
    due, city = await clinic_city.bill(patient), clinic_city.city
    with pytest.raises(DueUnknown):
        await city.payments.quote(city.viewer(stranger), clinic_city.code(due), "en")
    with pytest.raises(DueUnknown):
        await city.pay(stranger, clinic_city.code(due))
    with pytest.raises(DueUnknown):
        await clinic_city.clinics.bill(clinic_city.other.id, due.id)


async def test_empty_fund_pays_nothing_and_changes_nothing(database: Access):
    async with open_ground(database, health.branch) as city:
        clinics = await make_clinics(city, paid_in=0)
        patient = await clinics.patient(used=Year(700_00), account=60_00)
        due = await clinics.bill(patient)
        with pytest.raises(SponsorUnavailable):
            await city.pay(patient, clinics.code(due))
        assert await city.balance(patient) == 1_000_00
        assert await clinics.account(patient) == 60_00
        assert (await clinics.clinics.bill(clinics.hospital.id, due.id)).status is DueStatus.OPEN
        assert city.verified() == []


async def test_bill_without_items_or_with_another_split_than_shown_is_not_issued(clinic_city: ClinicCity):
    patient = await clinic_city.patient(used=Year(700_00))
    for items in ([], [Item("CT", 0)], [Item("CT", 300_00), Item("X", -1)]):
        with pytest.raises(BillEmpty):
            await clinic_city.clinics.issue(clinic_city.hospital.id, NewBill(patient.id, "王*", 1, items))
    await clinic_city.bill(patient)
    with pytest.raises(SplitChanged):
        await clinic_city.clinics.issue(
            clinic_city.hospital.id, clinic_city.written(patient), expected=Split(100_00, 110_00, 90_00)
        )
    assert len(await clinic_city.clinics.bills(clinic_city.hospital.id)) == 1


async def test_story_h12_every_opened_record_is_written_down_and_closed_to_others(clinic_city: ClinicCity):
    patient, city = await clinic_city.patient(used=Year(700_00)), clinic_city.city
    clerk, other = clinic_city.clerk, await clerk_of(city, clinic_city.other)
    for number in ("13800000000", "120101199001010018", "x"):
        with pytest.raises(PatientUnknown):
            await clinic_city.clinics.open_record(clerk, number)
    by_phone = await clinic_city.clinics.open_record(clerk, patient.phone)
    by_number = await clinic_city.clinics.open_record(clerk, patient.id_number.lower())
    assert (await clinic_city.clinics.record(clerk, by_number.id)).patient.id == patient.id
    with pytest.raises(RecordClosed):
        await clinic_city.clinics.record(other, by_phone.id)
    looks = await clinic_city.clinics.looks(clinic_city.hospital.id, name_of=lambda one: one.masked_name)
    assert [(look.staff, name) for look, name in looks] == [(clerk.person, patient.masked_name)] * 2
    city.clock.turn(RECORD_OPEN + timedelta(seconds=1))
    with pytest.raises(RecordClosed):
        await clinic_city.clinics.record(clerk, by_phone.id)
    async with city.database.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("DELETE FROM clinic_looks")


async def test_checks_name_what_does_not_agree(clinic_city: ClinicCity):
    patient = await clinic_city.patient(used=Year(700_00))
    await clinic_city.city.pay(patient, clinic_city.code(await clinic_city.bill(patient)))
    with psycopg.connect(clinic_city.city.access.owner_dsn) as connection:
        connection.execute("UPDATE health_bills SET fund = fund - 1")
    findings = " ".join(clinic_city.city.verified())
    assert "took 11000 from the fund, not 10999" in findings
    assert "says 80000 and 11000, its bills 80000 and 10999" in findings
