"""Registration with sources that know the person, differ, or keep silent; what is refused stands in the audit log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from demo.services import made_up
from haihe.base.errors import Refusal
from haihe.people import errors
from haihe.people.checks.errors import OperatorMismatch
from haihe.people.checks.model import Channel
from haihe.people.model import CitizenClass, Purpose, Registration
from tests.citizens import City, Service, as_dict, person


async def ask(city: City, form: Registration) -> Registration:
    await city.people.ask_code(form.phone, Purpose.REGISTER, language="zh", limited=False)
    return Registration(**{**as_dict(form), "code": city.mailbox.code_for(form.phone)})


async def stored(city: City) -> int:
    async with city.database.connection() as connection:
        row = await (await connection.execute("SELECT count(*) FROM citizens")).fetchone()
    return row[0] if row else 0


async def test_registry_and_operator_are_two_sources_and_class_one(city: City):
    citizen = (await city.citizen()).citizen
    standing = await city.identities.standing(citizen.id)
    assert [check.said.source for check in standing.checks] == ["registry", "operator"]
    assert (standing.citizen_class, standing.positive) == (CitizenClass.I, 2)
    assert (standing.next_class, standing.missing) == (CitizenClass.II, 1)


async def test_registration_goes_on_by_the_word_of_the_other_source(city: City, registry: Service, phones: Service):
    for silent, heard in ((registry, Channel.OPERATOR), (phones, Channel.REGISTRY)):
        form = await ask(city, person())
        silent.tell("wrong")
        citizen = (await city.people.register(form)).citizen
        silent.tell("normal")
        standing = await city.identities.standing(citizen.id)
        assert [check.said.channel for check in standing.checks] == [heard]
        assert standing.citizen_class is CitizenClass.I
    later = await city.identities.check(citizen.id, Channel.OPERATOR)
    assert later.positive == 2


async def test_nobody_is_registered_when_no_source_answers(city: City, registry: Service, phones: Service):
    form = await ask(city, person())
    registry.tell("wrong")
    phones.tell("wrong")
    with pytest.raises(errors.RegistryUnavailable):
        await city.people.register(form)
    assert await stored(city) == 0
    registry.tell("normal")
    assert (await city.people.register(form)).citizen.phone == form.phone


async def test_mismatch_of_any_source_refuses_by_its_name_even_if_another_knows_the_person(
    city: City, registry: Service
):
    held_by_another = (await city.citizen()).citizen
    form = await ask(city, person(phone=made_up.phone()[:-4] + "0000"))
    with pytest.raises(OperatorMismatch) as refused:
        await city.people.register(form)
    assert refused.value.details["field"] == "phone"
    registry.tell("wrong")
    with pytest.raises(OperatorMismatch):
        await city.people.register(form)
    registry.tell("normal")
    stolen = await ask(city, person(id_number=held_by_another.id_number))
    with pytest.raises(errors.RegistryMismatch):
        await city.people.register(stolen)
    assert await stored(city) == 1


async def test_every_refused_attempt_stands_in_the_audit_log_without_what_was_typed(city: City):
    citizen = (await city.citizen()).citizen
    city.clock.turn(timedelta(minutes=1))
    young = f"120199{city.clock.now().year - 10}0101001"
    attempts: list[tuple[Registration, type[Refusal]]] = [
        (person(id_number="120101199001010018"), errors.IdNumberCheckDigit),
        (person(id_number="120101199002300010"), errors.IdNumberDate),
        (person(id_number=young + made_up.id_check_character(young)), errors.UnderAge),
        (person(code="000000"), errors.CodeExpired),
        (person(name="无此人"), errors.RegistryMismatch),
        (person(phone=citizen.phone, id_number=citizen.id_number), errors.RegistryMismatch),
        (person(phone=citizen.phone), OperatorMismatch),
        (person(name=citizen.name, id_number=citizen.id_number), errors.IdNumberTaken),
    ]
    for form, refusal in attempts:
        asked = form if refusal is errors.CodeExpired else await ask(city, form)
        with pytest.raises(refusal):
            await city.people.register(asked)
    wrong = await ask(city, person())
    with pytest.raises(errors.CodeWrong):
        await city.people.check_code(Registration(**{**as_dict(wrong), "code": "1" * 6}))
    with pytest.raises(errors.IdNumberLength):
        await city.people.check_person(person(id_number="12"))
    async with city.database.connection() as connection:
        cursor = await connection.execute(
            "SELECT outcome, actor_kind, subject, details FROM audit WHERE action = 'citizen_registered' ORDER BY number"
        )
        [first, *rest] = await cursor.fetchall()
    assert first == ("done", 4, citizen.id, '{"class":"I","sources":["registry","operator"]}')
    codes = [refusal.code for _, refusal in attempts] + ["code_wrong", "id_number_invalid"]
    assert rest == [(code, 4, 0, "{}") for code in codes]
