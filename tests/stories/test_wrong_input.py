"""What wrong input gets: a clear refusal in three languages, nothing changed, and the attempt in the audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from demo.services import made_up
from haihe.base.database import one
from haihe.base.errors import Refusal
from haihe.base.i18n import LANGUAGES, translator
from haihe.people.devices.model import NO_VISIT
from haihe.people.freezing.model import by_owner
from haihe.people.freezing.service import build_freezing
from haihe.people.model import CitizenClass, Purpose, Registration
from tests.citizens import City, Service, as_dict, open_city, person
from tests.people.guarded import guarded_city
from tests.stories.shop import StoryCity

RIGHT, WRONG = "271828", "314159"
KEPT = ("citizens", "accounts", "transfers", "bank_cards", "identity_checks", "sign_ins", "passkeys", "outbox")
"""What nobody changes by wrong input; the counters of tries are columns that are left out."""
COUNTERS = {"citizens": ("passcode_tries", "passcode_locks", "passcode_locked_until")}


@dataclass
class Office:
    """Where people come with what is wrong, while all services beside the city can be told to misbehave."""

    city: City
    registry: Service
    phones: Service

    async def asked(self, form: Registration) -> Registration:
        """Give a form with the code that its phone got."""
        self.city.clock.turn(timedelta(minutes=1))
        await self.city.people.ask_code(form.phone, Purpose.REGISTER, language="zh")
        return Registration(**{**as_dict(form), "code": self.city.mailbox.code_for(form.phone)})


@pytest.fixture
async def office(
    app_dsn: str, registry: Service, bank: Service, phones: Service, records: Service
) -> AsyncIterator[Office]:
    async with open_city(
        app_dsn=app_dsn, registry=registry.url, bank=bank.url, phones=phones.url, records=records.url
    ) as opened:
        yield Office(opened, registry, phones)


Attempt = Callable[[], Awaitable[object]]
Prepare = Callable[[Office], Awaitable[Attempt]]


def registering(**wrong: str) -> Prepare:
    """Register with one thing wrong."""

    async def prepare(office: Office) -> Attempt:
        form = await office.asked(person(**wrong)) if "phone" not in wrong else person(**wrong, code="1")
        return lambda: office.city.people.register(form)

    return prepare


def born(years_ago: int) -> str:
    body = f"120199{datetime.now(UTC).year - years_ago}0101001"
    return body + made_up.id_check_character(body)


async def phone_in_use(office: Office) -> Attempt:
    known = (await office.city.citizen()).citizen
    office.phones.tell("silent")
    form = await office.asked(person(phone=known.phone))
    return lambda: office.city.people.register(form)


async def number_in_use(office: Office) -> Attempt:
    known = (await office.city.citizen()).citizen
    form = await office.asked(person(name=known.name, id_number=known.id_number))
    return lambda: office.city.people.register(form)


async def used_code(office: Office) -> Attempt:
    form = await office.asked(person())
    await office.city.people.register(form)
    return lambda: office.city.people.register(form)


async def expired_code(office: Office) -> Attempt:
    form = await office.asked(person())
    office.city.clock.turn(timedelta(minutes=6))
    return lambda: office.city.people.register(form)


async def sixth_passcode(office: Office) -> Attempt:
    citizen = (await office.city.citizen(passcode=RIGHT)).citizen
    for _ in range(5):
        with pytest.raises(Refusal):
            await office.city.people.check_passcode(citizen.id, WRONG)
    return lambda: office.city.people.confirm(citizen.id, key="a payment", passcode=RIGHT)


async def wrong_passcode(office: Office) -> Attempt:
    citizen = (await office.city.citizen(passcode=RIGHT)).citizen
    return lambda: office.city.people.confirm(citizen.id, key="a payment", passcode=WRONG)


async def card_of_another(office: Office) -> Attempt:
    owner, other = (await office.city.citizen()).citizen, (await office.city.citizen(name="李四海")).citizen
    number = await office.city.wallets.cards.made_up(owner.id)
    assert number is not None
    return lambda: office.city.wallets.cards.add_confirmed(other.id, number, RIGHT)


async def replayed_passkey(office: Office) -> Attempt:
    guarded = guarded_city(office.city)
    citizen = (await office.city.citizen(passcode=RIGHT)).citizen
    device, passkeys = await guarded.add(citizen), guarded.safeguards.passkeys
    party = passkeys.places.at("localhost")
    answer = device.answer(passkeys.ask_to_sign_in(party))
    await passkeys.sign_in(answer, party=party, visit=NO_VISIT)
    return lambda: passkeys.sign_in(answer, party=party, visit=NO_VISIT)


TABLE: dict[str, tuple[Prepare, str]] = {
    "a wrong check digit": (registering(id_number="120101199001010018"), "id_number_invalid"),
    "an impossible date": (registering(id_number="120101199002300010"), "id_number_invalid"),
    "under age": (registering(id_number=born(10)), "under_age"),
    "a name that differs from the registry": (registering(name="无此人"), "registry_mismatch"),
    "a phone in use": (phone_in_use, "phone_taken"),
    "an ID number in use": (number_in_use, "id_number_taken"),
    "a used code": (used_code, "code_used"),
    "an expired code": (expired_code, "code_expired"),
    "a wrong passcode": (wrong_passcode, "passcode_wrong"),
    "the sixth wrong passcode, and then the right one": (sixth_passcode, "passcode_locked"),
    "a replayed answer of a passkey": (replayed_passkey, "passkey_replayed"),
    "a card of another person": (card_of_another, "card_mismatch"),
}


@pytest.mark.parametrize(("prepare", "code"), TABLE.values(), ids=TABLE.keys())
async def test_wrong_input_is_refused_clearly_changes_nothing_and_is_noted(
    office: Office, owner_dsn: str, prepare: Prepare, code: str
) -> None:
    attempt = await prepare(office)
    before, noted = kept(owner_dsn), outcomes(owner_dsn)
    with pytest.raises(Refusal) as caught:
        await attempt()
    assert caught.value.code == code
    said_in_every_language(caught.value)
    assert kept(owner_dsn) == before
    assert outcomes(owner_dsn) == [*noted, code]


async def test_a_frozen_persons_payments_are_refused_clearly_and_noted(story: StoryCity, owner_dsn: str) -> None:
    (payer,) = await story.city.register(1, 100_00)
    freezing = build_freezing(story.city.ground.base, story.city.ground.people)
    await freezing.freeze(payer.id, by=by_owner(payer.id))
    for pay in (story.scan, story.show):
        before, noted = kept(owner_dsn), outcomes(owner_dsn)
        with pytest.raises(Refusal) as caught:
            await pay(payer, 10)
        assert caught.value.code == "account_frozen"
        said_in_every_language(caught.value)
        assert kept(owner_dsn) == before
        assert outcomes(owner_dsn) == [*noted, "account_frozen"]
    assert await story.city.balance(payer) == 100_00


async def test_registration_goes_on_as_class_one_while_the_registry_is_down(office: Office) -> None:
    form = await office.asked(person())
    office.registry.tell("silent")
    citizen = (await office.city.people.register(form)).citizen
    assert citizen.citizen_class is CitizenClass.I


def said_in_every_language(refusal: Refusal) -> None:
    texts = {refusal.message(translator(language)) for language in LANGUAGES}
    assert len(texts) == len(LANGUAGES), texts
    assert not [text for text in texts if not text or "{" in text]


def kept(owner_dsn: str) -> dict[str, str]:
    """Give a digest of every table that wrong input leaves alone."""
    digests = {}
    with psycopg.connect(owner_dsn) as connection:
        for table in KEPT:
            row = f"to_jsonb(t) {''.join(f' - {column!r}' for column in COUNTERS.get(table, ()))}"
            statement = (
                f"SELECT md5(coalesce(string_agg(({row})::text, '|' ORDER BY ({row})::text), '')) FROM {table} t"
            )
            digests[table] = one(connection.execute(statement.encode()).fetchone())[0]
    return digests


def outcomes(owner_dsn: str) -> list[str]:
    """Give the outcomes of all deeds in their order, without those that were done."""
    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute("SELECT outcome FROM audit WHERE outcome <> 'done' ORDER BY number").fetchall()
    return [row[0] for row in rows]
