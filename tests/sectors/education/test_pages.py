from __future__ import annotations

from tests.sector_pages import visiting
from tests.sectors.education.conftest import SchoolCity


async def test_school_issues_by_form_and_the_parent_pays_for_the_child(school_city: SchoolCity):
    city, school = school_city.city, school_city.school
    (parent, other) = await city.register(2)
    await school_city.roster(school, [[parent], [other]])
    class_id = str(school_city.classes[school.id].id)
    async with visiting(city, staff=("accountant", school.id)) as office:
        await office.open("/console/school")
        notice = {
            "form_key": office.hidden("form_key"),
            "school_class": class_id,
            "title_en": "Spring outing",
            "amount": "120",
            "due_on": school_city.written().due_on.isoformat(),
        }
        wrong = await office.send("/console/school/notices", **{**notice, "amount": "1.234"})
        assert wrong.status_code == 422
        assert 'id="amount-says"' in wrong.text
        keyless = await office.send("/console/school/notices", **{**notice, "form_key": ""})
        assert keyless.status_code == 422
        assert office.hidden("form_key")
        foreign = str(school_city.classes[school_city.other.id].id)
        refused = await office.send("/console/school/notices", **{**notice, "school_class": foreign})
        assert refused.status_code == 404
        assert "class_unknown" in refused.text
        await office.open("/console/school")
        issued = await office.send("/console/school/notices", **notice)
        twice = await office.send("/console/school/notices", **notice)
        assert issued.headers["location"] == twice.headers["location"]
        due = await school_city.fee(parent)
        async with visiting(city, citizen=parent) as phone:
            page = await phone.open("/education")
            assert "李小1" in page.text
            assert "Pay for 李小1" in page.text
            address = f"/s/{school_city.code(due)}"
            await phone.open(address)
            assert (await phone.send(address, key="a key")).status_code == 303
            assert "/payments/" in (await phone.open("/education")).text
        page = await office.open(issued.headers["location"])
        assert "1 of 2" in page.text
        assert page.text.index("李小2") < page.text.index("李小1")
        withdrawn = await office.send(f"{issued.headers['location']}/withdraw")
        assert withdrawn.status_code == 303


async def test_others_find_nothing_of_a_school(school_city: SchoolCity):
    city = school_city.city
    (parent, stranger) = await city.register(2)
    await school_city.roster(school_city.school, [[parent]])
    notice = await school_city.schools.issue(school_city.school.id, school_city.written())
    company = await city.organisation("bus", "bus")
    for staff, status in (
        (("manager", company.id), 404),
        (("cashier", school_city.school.id), 403),
        (("manager", school_city.other.id), 404),
    ):
        async with visiting(city, staff=staff) as visitor:
            await visitor.open("/console")
            assert (await visitor.send(f"/console/school/notices/{notice}/withdraw")).status_code == status
            assert (await visitor.open(f"/console/school/notices/{notice}")).status_code == status
    due = await school_city.fee(parent)
    async with visiting(city, citizen=stranger) as phone:
        assert "李小1" not in (await phone.open("/education")).text
        assert (await phone.open(f"/s/{school_city.code(due)}")).status_code == 404
