from __future__ import annotations

import html

from haihe.base.throttle import DOOR_RATES, MISS_TRIES
from haihe.organisations.model import Organisation
from haihe.payments.dues.model import DueStatus
from haihe.payments.references import reference
from haihe.sectors.health.model import Year
from tests.grounds import SectorCity
from tests.sector_pages import Visitor, visiting
from tests.sectors.health.conftest import ClinicCity

RATE = DOOR_RATES["patient"]


async def hire(city: SectorCity, hospital: Organisation) -> None:
    """Give the visitors of these tests, who are number 1, a row among the staff."""
    async with city.database.connection() as connection:
        await connection.execute(
            """
            INSERT INTO staff
            SELECT (jsonb_populate_record(s, '{"id": 1, "login": "one"}')).* FROM staff s WHERE organisation = %s
            """,
            (hospital.id,),
        )


async def find(clerk: Visitor, number: str) -> str:
    """Open a patient's record through the form; give its address."""
    await clerk.open("/console/hospital")
    found = await clerk.send("/console/hospital/patients", number=number)
    assert found.status_code == 303, found.text
    record: str = found.headers["location"]
    await clerk.open(record)
    return record


async def test_clerk_finds_sees_the_split_issues_and_takes_the_bill_at_the_window(clinic_city: ClinicCity):
    city, hospital = clinic_city.city, clinic_city.hospital
    await hire(city, hospital)
    patient = await clinic_city.patient(used=Year(700_00), account=60_00)
    async with visiting(city, staff=("cashier", hospital.id)) as clerk:
        record = await find(clerk, patient.id_number)
        assert patient.id_number not in clerk.page
        bill = {"visit": clerk.hidden("visit"), "name_1": "CT", "amount_1": "225", "name_2": "Blood", "amount_2": "75"}
        await clerk.send(record, **bill, do="preview")
        assert "¥110.00" in clerk.page
        assert "¥700.00 of the ¥800.00" in html.unescape(clerk.page)
        assert await clinic_city.clinics.bills(hospital.id) == []
        shown = clerk.hidden("shown")
        issued = await clerk.send(record, **bill, shown=shown, do="issue")
        again = await clerk.send(record, **bill, shown=shown, do="issue")
        assert again.status_code == 409 or again.headers["location"] == issued.headers["location"]
        (due,) = await clinic_city.clinics.bills(hospital.id)
        address = issued.headers["location"]
        await clerk.open(address)
        refused = await clerk.send(f"{address}/charge", key=clerk.hidden("key"), code="123456789012345678")
        assert refused.status_code == 404
        assert 'id="code-says"' in clerk.page
        code = await city.codes.issue(citizen=patient.id, bucket=patient.bucket)
        taken = await clerk.send(f"{address}/charge", key=clerk.hidden("key"), code=str(code.code))
        assert taken.status_code == 303
        assert (await clinic_city.clinics.bill(hospital.id, due.id)).status is DueStatus.PAID
        assert (await clerk.send(f"{address}/withdraw")).status_code == 409
    assert city.verified() == []


async def test_wrong_entries_are_said_at_their_fields_and_nothing_is_issued(clinic_city: ClinicCity):
    city, hospital = clinic_city.city, clinic_city.hospital
    await hire(city, hospital)
    patient = await clinic_city.patient()
    async with visiting(city, staff=("cashier", hospital.id)) as clerk:
        await clerk.open("/console/hospital")
        for number in ("", "123", "13800000000"):
            unknown = await clerk.send("/console/hospital/patients", number=number)
            assert unknown.status_code in {404, 422}
            assert 'id="number-says"' in unknown.text
        record = await find(clerk, patient.phone)
        visit = clerk.hidden("visit")
        for amount in ("0", "-5", "1.234", "x", "", "1e999"):
            wrong = await clerk.send(record, visit=visit, name_1="CT", amount_1=amount, do="issue", shown="0 0 500")
            assert wrong.status_code == 422
            assert 'id="amount_1-says"' in wrong.text
        nameless = await clerk.send(record, visit=visit, name_1="CT", amount_1="5", amount_2="5", do="issue")
        assert 'id="name_2-says"' in nameless.text
        for shown in ("", "1 2", "x y z", "0 0 500"):
            answer = await clerk.send(record, visit=visit, name_1="CT", amount_1="6", do="issue", shown=shown)
            assert answer.status_code in {200, 409}
        for visit_typed in ("", "x", "-1", "9" * 30):
            assert (await clerk.send(record, visit=visit_typed, name_1="CT", amount_1="6")).status_code == 422
            assert clerk.hidden("visit").isdigit()
        assert (await clerk.send(record, name_1="CT", amount_1="6")).status_code == 422
        assert clerk.hidden("visit") != visit
        due = await clinic_city.bill(patient)
        keyless = await clerk.send(f"/console/hospital/bills/{due.id}/charge", code="123456789012345678")
        assert keyless.status_code == 422
        assert clerk.hidden("key")
        await clinic_city.clinics.withdraw(hospital.id, due.id)
        tried = [
            await clerk.send("/console/hospital/patients", number=f"138{last:08d}")
            for last in range(RATE.tries // MISS_TRIES + 1)
        ]
        assert tried[0].status_code == 404
        assert 429 in {one.status_code for one in tried}
    assert [one.id for one in await clinic_city.clinics.bills(hospital.id)] == [due.id]


async def test_only_a_hospital_s_clerks_reach_its_patients_and_bills(clinic_city: ClinicCity):
    city, hospital = clinic_city.city, clinic_city.hospital
    await hire(city, hospital)
    patient = await clinic_city.patient()
    due = await clinic_city.bill(patient)
    company = await city.organisation("bus", "bus")
    for staff, status in (
        (("manager", company.id), 404),
        (("accountant", hospital.id), 403),
        (("manager", clinic_city.other.id), 404),
    ):
        async with visiting(city, staff=staff) as visitor:
            await visitor.open("/console")
            assert (await visitor.send(f"/console/hospital/bills/{due.id}/withdraw")).status_code == status
            assert (await visitor.open(f"/console/hospital/bills/{due.id}")).status_code == status
            assert (await visitor.open("/console/hospital/records/16")).status_code in {status, 404}
    async with visiting(city, staff=("manager", company.id)) as visitor:
        await visitor.open("/console")
        assert (await visitor.send("/console/hospital/patients", number=patient.phone)).status_code == 404
    async with visiting(city, staff=("manager", hospital.id)) as manager:
        await manager.open(f"/console/hospital/bills/{due.id}")
        assert patient.masked_name in (await manager.open("/console/hospital/looks")).text
        assert (await manager.open("/console/hospital/bills/99999999999999999999")).status_code == 404


async def test_patient_sees_the_split_before_paying_and_nobody_else_does(clinic_city: ClinicCity):
    city = clinic_city.city
    patient, stranger = await clinic_city.patient(used=Year(700_00), account=60_00), await clinic_city.patient()
    due = await clinic_city.bill(patient)
    address = f"/s/{reference('clinic', due.id)}"
    async with visiting(city, citizen=patient) as phone:
        page = html.unescape((await phone.open("/health")).text)
        for figure in ("¥110.00", "¥60.00", "¥130.00", "¥800.00 of ¥800.00", "¥110.00 of ¥5,500.00"):
            assert figure in page
        await phone.open(address)
        assert (await phone.send(address, key="a key")).status_code == 303
        assert "/payments/" in (await phone.open("/health")).text
    async with visiting(city, citizen=stranger) as phone:
        assert address not in (await phone.open("/health")).text
        assert (await phone.open(address)).status_code == 404
