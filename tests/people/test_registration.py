from datetime import timedelta

import pytest

from haihe.base.errors import Refusal
from haihe.ledger import service as ledger
from haihe.people import errors
from haihe.people.model import CitizenClass, Purpose, Registration
from tests.citizens import City, Service, as_dict, person


async def ask(city: City, form: Registration) -> Registration:
    await city.people.ask_code(form.phone, Purpose.REGISTER, language="zh")
    return Registration(**{**as_dict(form), "code": city.mailbox.code_for(form.phone)})


async def test_a_new_citizen_has_class_one_a_wallet_and_is_signed_in(city: City):
    signed = await city.citizen(name="王海河", language="ru")
    citizen = signed.citizen
    assert (citizen.citizen_class, citizen.name, citizen.language) == (CitizenClass.I, "王海河", "ru")
    assert (await city.people.sessions.viewer(signed.token)).person == citizen.id
    async with city.database.connection() as connection:
        assert await ledger.balances(connection, citizen.bucket, [citizen.id]) == {citizen.id: 0}
    assert await city.people.citizen(citizen.id) == citizen


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": "X"}, errors.NameInvalid),
        ({"id_number": "120101199001010018"}, errors.IdNumberCheckDigit),
        ({"id_number": "120101199002300010"}, errors.IdNumberDate),
        ({"id_number": "12010119900101"}, errors.IdNumberLength),
        ({"phone": "23800138000"}, errors.PhoneInvalid),
        ({"passcode": "123456"}, errors.PasscodeWeak),
        ({"language": "fr"}, errors.LanguageUnknown),
    ],
)
async def test_a_wrong_field_is_refused_and_named(city: City, changes: dict[str, str], refusal: type[Refusal]):
    with pytest.raises(refusal) as caught:
        await city.people.register(person(**{"code": "000000", **changes}))
    assert caught.value.details["field"] == next(iter(changes))


async def test_nobody_is_registered_on_a_mismatch_and_the_code_stays_good(city: City):
    form = await ask(city, person(name="Nobody Known"))
    with pytest.raises(errors.RegistryMismatch):
        await city.people.register(form)
    signed = await city.people.register(Registration(**{**as_dict(form), "name": "某某某"}))
    assert signed.citizen.name == "某某某"


async def test_one_code_cannot_serve_for_guessing_at_the_registry(city: City):
    form = await ask(city, person(name="无此人"))
    for _ in range(5):
        with pytest.raises(errors.RegistryMismatch):
            await city.people.register(form)
    with pytest.raises(errors.CodeExpired):
        await city.people.register(form)


@pytest.mark.parametrize("mode", ["slow", "wrong", "silent", "lost"])
async def test_a_registry_without_a_clear_answer_refuses_and_stores_nothing(city: City, registry: Service, mode: str):
    form = await ask(city, person())
    registry.tell(mode, delay_ms=5000)
    with pytest.raises(errors.RegistryUnavailable):
        await city.people.register(form)
    registry.tell("normal")
    assert (await city.people.register(form)).citizen.phone == form.phone


async def test_phone_and_id_number_are_each_registered_once(city: City):
    first = (await city.citizen()).citizen
    city.clock.turn(timedelta(minutes=1))
    with pytest.raises(errors.PhoneTaken):
        await city.citizen(phone=first.phone)
    with pytest.raises(errors.IdNumberTaken):
        await city.citizen(id_number=first.id_number, name=first.name)


async def test_a_code_registers_once_only(city: City):
    form = await ask(city, person())
    await city.people.register(form)
    with pytest.raises(errors.CodeUsed):
        await city.people.register(form)


async def test_personal_data_is_not_in_the_database_in_the_clear(city: City):
    citizen = (await city.citizen(name="欧阳海河")).citizen
    async with city.database.connection() as connection:
        row = await (await connection.execute("SELECT citizens::text, name, phone FROM citizens")).fetchone()
    assert row is not None
    stored = str(row)
    for secret in (citizen.name, citizen.phone, citizen.id_number):
        assert secret not in stored
        assert secret.encode().hex() not in stored


async def test_the_demo_can_make_people_up_who_may_register(city: City):
    made_up = await city.people.made_up_person()
    assert made_up is not None
    signed = await city.citizen(name=made_up.name, id_number=made_up.id_number, phone=made_up.phone)
    assert signed.citizen.id_number == made_up.id_number
