from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import psycopg
import pytest

from haihe.payments.dues.model import DueStatus, DueUnknown
from haihe.payments.errors import NoLongerDue, Settled
from haihe.payments.model import Payment
from haihe.sectors.education.console_pages import NoticeForm, read_notice
from haihe.sectors.education.errors import ClassEmpty, ClassUnknown, NoticeUnknown
from haihe.web.forms import check
from tests.sectors.education.conftest import SchoolCity


async def test_notice_to_a_class_is_paid_by_either_parent_once_and_the_school_sees_it(school_city: SchoolCity):
    city = school_city.city
    mother, father, neighbour, stranger = await city.register(4)
    await school_city.roster(school_city.school, [[mother, father], [neighbour]])
    notice = await school_city.schools.issue(school_city.school.id, school_city.written())
    due = await school_city.fee(father)
    assert await school_city.fee(mother) == due
    assert await school_city.schools.children(stranger.id) == []
    with pytest.raises(DueUnknown):
        await city.pay(stranger, school_city.code(due))
    answers = await asyncio.gather(
        *(city.pay(parent, school_city.code(due)) for parent in (mother, father)), return_exceptions=True
    )
    assert sum(isinstance(one, Settled) for one in answers) == 1
    payment, payer = next(
        (one, parent) for one, parent in zip(answers, (mother, father), strict=True) if isinstance(one, Payment)
    )
    with pytest.raises(Settled):
        await city.pay(mother if payer is father else father, school_city.code(due))
    told = (await city.payments.receipt(city.viewer(payer), payment.id, "ru")).description
    assert told.title == "Экскурсия"
    assert {"李** · 1", "三年级1班", "primary"} <= {value for _, value in told.details}
    standing, pupils = await school_city.schools.notice(school_city.school.id, notice)
    assert (standing.paid, standing.open, standing.charged) == (1, 1, 2)
    assert [(pupil.name, one.status) for pupil, one in pupils] == [
        ("李小2", DueStatus.OPEN),
        ("李小1", DueStatus.PAID),
    ]
    assert await city.till(school_city.school.id) == 120_00
    assert city.verified() == []


async def test_the_same_form_twice_is_one_notice_also_at_once(school_city: SchoolCity):
    (parent,) = await school_city.city.register(1)
    await school_city.roster(school_city.school, [[parent]])
    form = school_city.written()
    issued = await asyncio.gather(*(school_city.schools.issue(school_city.school.id, form) for _ in range(4)))
    assert len({*issued, await school_city.schools.issue(school_city.school.id, form)}) == 1
    (child,) = await school_city.schools.children(parent.id)
    assert len(child.fees) == 1


async def test_class_of_another_school_or_without_pupils_is_refused_and_nothing_is_issued(school_city: SchoolCity):
    (parent,) = await school_city.city.register(1)
    await school_city.roster(school_city.school, [[parent]])
    with pytest.raises(ClassUnknown):
        await school_city.schools.issue(school_city.other.id, school_city.written())
    with pytest.raises(ClassEmpty):
        await school_city.schools.issue(school_city.other.id, school_city.written(school_city.other))
    assert await school_city.schools.standings(school_city.other.id) == []
    (child,) = await school_city.schools.children(parent.id)
    assert child.fees == []


async def test_withdrawing_ends_the_open_ones_only_and_is_the_own_school_s(school_city: SchoolCity):
    city = school_city.city
    first, second = await city.register(2)
    await school_city.roster(school_city.school, [[first], [second]])
    notice = await school_city.schools.issue(school_city.school.id, school_city.written())
    await city.pay(first, school_city.code(await school_city.fee(first)))
    with pytest.raises(NoticeUnknown):
        await school_city.schools.withdraw(school_city.other.id, notice)
    with pytest.raises(NoticeUnknown):
        await school_city.schools.notice(school_city.other.id, notice)
    assert await school_city.schools.withdraw(school_city.school.id, notice) == 1
    assert await school_city.schools.withdraw(school_city.school.id, notice) == 0
    with pytest.raises(NoLongerDue):
        await city.pay(second, school_city.code(await school_city.fee(second)))
    (standing,) = await school_city.schools.standings(school_city.school.id)
    assert (standing.paid, standing.open, standing.withdrawn) == (1, 0, 1)
    assert city.verified() == []


async def test_issuing_takes_as_many_statements_for_many_pupils_as_for_one(
    school_city: SchoolCity, monkeypatch: pytest.MonkeyPatch
):
    parents = await school_city.city.register(40, 0)
    await school_city.roster(school_city.school, [[parent] for parent in parents[:39]])
    await school_city.roster(school_city.other, [parents[39:]])
    executed: list[object] = []
    original = psycopg.AsyncConnection.execute

    async def counting(self: Any, query: Any, *more: Any, **named: Any) -> Any:
        executed.append(query)
        return await original(self, query, *more, **named)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", counting)
    counts = []
    for school in (school_city.school, school_city.other):
        executed.clear()
        await school_city.schools.issue(school.id, school_city.written(school))
        counts.append(len(executed))
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "0"),
        ("amount", "-5"),
        ("amount", "1.234"),
        ("amount", "x"),
        ("school_class", "x"),
        ("due_on", "2026-11-21"),
        ("due_on", "2028-01-01"),
        ("due_on", "soon"),
        ("title_zh", ""),
    ],
)
def test_what_is_wrong_with_a_notice_is_said_at_its_field(field: str, value: str):
    typed = {"form_key": "k", "school_class": "16", "amount": "120", "due_on": "2026-12-01", "title_zh": "春游"}
    today = date(2026, 11, 22)
    assert read_notice(check(typed, NoticeForm), today=today)[1] is not None
    form, notice = read_notice(check({**typed, field: value}, NoticeForm), today=today)
    assert notice is None
    assert set(form.errors) == {field}


async def test_checks_name_what_does_not_agree(school_city: SchoolCity):
    (parent,) = await school_city.city.register(1)
    await school_city.roster(school_city.school, [[parent]])
    await school_city.schools.issue(school_city.school.id, school_city.written())
    with psycopg.connect(school_city.city.access.owner_dsn) as connection:
        connection.execute("UPDATE pupils SET school = %s", (school_city.other.id,))
    findings = " ".join(school_city.city.verified())
    assert "does not belong to a notice of its school" in findings
    assert "is in class" in findings
