import json
from datetime import timedelta

import pytest

from haihe.base.confirmations import ConfirmationInvalid, Strength, matter
from haihe.base.errors import Refusal
from haihe.people.devices.model import Visit
from haihe.people.errors import PasscodeWrong
from haihe.people.freezing.errors import WalletFrozen
from haihe.people.freezing.model import by_owner
from haihe.people.passkeys import errors
from haihe.people.passkeys.model import Order, Party
from haihe.people.passkeys.places import Places
from tests.authenticator import Authenticator, to_text
from tests.citizens import City
from tests.people.guarded import PASSCODE, guarded_city

HERE = Party("localhost", "http://localhost")
ORDER = Order("key-1", "bill-7301", 0)


@pytest.mark.parametrize(
    ("base_url", "host", "name", "origin"),
    [
        ("http://127.0.0.1:8000", "localhost:8000", "localhost", "http://localhost:8000"),
        ("http://[::1]:8000", "localhost:8000", "localhost", "http://localhost:8000"),
        ("http://localhost:8000", "localhost:8000", "localhost", "http://localhost:8000"),
        ("https://pay.tianjin.example", "pay.tianjin.example", "pay.tianjin.example", "https://pay.tianjin.example"),
    ],
)
def test_passkeys_work_at_a_name_over_https_or_at_localhost(base_url: str, host: str, name: str, origin: str):
    assert Places(base_url).at(host) == Party(name, origin)


@pytest.mark.parametrize(
    ("base_url", "host", "address"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "http://localhost:8000"),
        ("https://pay.tianjin.example", "evil.example", "https://pay.tianjin.example"),
        ("https://192.168.1.4:8443", "192.168.1.4:8443", ""),
        ("http://pay.tianjin.example", "pay.tianjin.example", ""),
    ],
)
def test_elsewhere_people_are_told_where_passkeys_work(base_url: str, host: str, address: str):
    with pytest.raises(errors.PasskeyPlace) as caught:
        Places(base_url).at(host)
    assert caught.value.details["address"] == address
    assert not Places(base_url).works_at(host)


async def test_passkey_signs_in_without_a_phone_and_each_answer_serves_once(city: City):
    guarded = guarded_city(city)
    passkeys, citizen = guarded.safeguards.passkeys, (await city.citizen()).citizen
    device = await guarded.add(citizen)
    text = device.answer(passkeys.ask_to_sign_in(HERE))
    signed = await passkeys.sign_in(text, party=HERE, visit=Visit("a" * 22))
    assert signed.citizen == citizen
    with pytest.raises(errors.PasskeyReplayed):
        await passkeys.sign_in(text, party=HERE, visit=Visit("a" * 22))
    (kept,) = await passkeys.of(citizen.id)
    assert (kept.name, kept.used_at >= kept.added_at) == ("My phone", True)
    assert await guarded.deeds(citizen.id) == [
        ("citizen_registered", "done"),
        ("session_begun", "done"),
        ("passkey_added", "done"),
        ("session_begun", "done"),
        ("session_begun", "passkey_replayed"),
    ]
    assert ("passkey_added", {}) in await guarded.news(citizen)
    async with city.database.connection() as connection:
        stored = str(await (await connection.execute("SELECT passkeys::text FROM passkeys")).fetchall())
    assert "My phone" not in stored


async def test_answers_that_are_not_right_are_refused_and_noted(city: City):
    guarded = guarded_city(city)
    passkeys, citizen = guarded.safeguards.passkeys, (await city.citizen()).citizen
    device = await guarded.add(citizen)

    async def refused(text: str, party: Party = HERE) -> type[Refusal]:
        with pytest.raises(Refusal) as caught:
            await passkeys.sign_in(text, party=party, visit=Visit())
        return type(caught.value)

    def asked() -> dict[str, object]:
        return passkeys.ask_to_sign_in(HERE)

    device.origin = "http://evil.example"
    assert await refused(device.answer(asked())) is errors.PasskeyElsewhere
    device.origin = "http://localhost"
    device.is_verified = False
    assert await refused(device.answer(asked())) is errors.PasskeyInvalid
    device.is_verified = True
    forged = json.loads(device.answer(asked()))
    forged["response"]["signature"] = to_text(b"x" * 70)
    assert await refused(json.dumps(forged)) is errors.PasskeyInvalid
    assert await refused(device.answer({"challenge": to_text(b"c" * 36), "rpId": "localhost"})) is errors.PasskeyExpired
    late = device.answer(asked())
    city.clock.turn(timedelta(minutes=5))
    assert await refused(late) is errors.PasskeyExpired
    assert await refused(Authenticator().answer(asked())) is errors.PasskeyUnknown
    for rubbish in (
        "",
        "{}",
        "[]",
        '{"id": "x"}',
        "x" * 20_000,
        '{"id":"AA","rawId":"AA","type":"public-key","response":{}}',
    ):
        assert await refused(rubbish) is errors.PasskeyInvalid
    await passkeys.sign_in(device.answer(asked()), party=HERE, visit=Visit())
    device.counter = 0
    assert await refused(device.answer(asked())) is errors.PasskeyCopied
    outcomes = [outcome for action, outcome in await guarded.deeds(citizen.id) if action == "session_begun"]
    assert outcomes == [
        "done",
        "passkey_elsewhere",
        "passkey_invalid",
        "passkey_invalid",
        "passkey_expired",
        "passkey_expired",
        "done",
        "passkey_copied",
    ]


async def test_confirmation_by_passkey_is_for_one_request_of_one_person(city: City):
    guarded = guarded_city(city)
    passkeys = guarded.safeguards.passkeys
    li, wang = (await city.citizen()).citizen, (await city.citizen()).citizen
    assert await passkeys.ask_to_confirm(li.id, ORDER, HERE) is None, "who has no passkey is offered none"
    device, other = await guarded.add(li, counts=False), await guarded.add(wang)
    options = await passkeys.ask_to_confirm(li.id, ORDER, HERE)
    assert options is not None
    assert [one["id"] for one in options["allowCredentials"]] == [to_text(device.credential)]
    text = device.answer(options)
    for wrong in (Order("key-2", ORDER.code), Order(ORDER.key, "bill-7302"), Order(ORDER.key, ORDER.code, 1)):
        with pytest.raises(errors.PasskeyExpired):
            await passkeys.confirm(li.id, wrong, text, party=HERE)
    with pytest.raises(errors.PasskeyUnknown):
        await passkeys.confirm(li.id, ORDER, other.answer(options), party=HERE)
    confirmation = await passkeys.confirm(li.id, ORDER, text, party=HERE)
    with pytest.raises(errors.PasskeyReplayed):
        await passkeys.confirm(li.id, ORDER, text, party=HERE)
    read, about = city.base.confirmations.read, matter(ORDER.code, ORDER.amount)
    assert read(li.id, ORDER.key, confirmation, about=about) is Strength.PASSKEY
    for person, key, seen in ((wang.id, ORDER.key, about), (li.id, "key-2", about), (li.id, ORDER.key, "")):
        with pytest.raises(ConfirmationInvalid):
            read(person, key, confirmation, about=seen)
    assert ("request_confirmed", "passkey_replayed") in await guarded.deeds(li.id)


async def test_who_adds_a_passkey_knows_the_passcode_and_is_not_frozen(city: City):
    guarded = guarded_city(city)
    passkeys, freezing = guarded.safeguards.passkeys, guarded.safeguards.freezing
    citizen = (await city.citizen()).citizen
    with pytest.raises(PasscodeWrong):
        await passkeys.begin(citizen.id, passcode="314159")
    device = await guarded.add(citizen)
    confirmation = await passkeys.begin(citizen.id, passcode=PASSCODE)
    options = await passkeys.ask_to_make(citizen.id, HERE)
    assert [one["id"] for one in options["excludeCredentials"]] == [to_text(device.credential)]
    with pytest.raises(errors.PasskeyTaken):
        await passkeys.add(citizen.id, name="Twice", text=device.make(options), confirmation=confirmation, party=HERE)
    with pytest.raises(errors.PasskeyNameInvalid):
        await passkeys.add(citizen.id, name=" ", text="", confirmation=confirmation, party=HERE)
    with pytest.raises(ConfirmationInvalid):
        await passkeys.add(citizen.id, name="No", text="", confirmation="2.9999999999.x", party=HERE)
    await freezing.freeze(citizen.id, by=by_owner(citizen.id))
    with pytest.raises(WalletFrozen):
        await passkeys.begin(citizen.id, passcode=PASSCODE)
    (kept,) = await passkeys.of(citizen.id)
    await passkeys.remove(citizen.id, kept.id)
    with pytest.raises(errors.PasskeyUnknown):
        await passkeys.remove(citizen.id, kept.id)
    with pytest.raises(errors.PasskeyUnknown):
        await passkeys.sign_in(device.answer(passkeys.ask_to_sign_in(HERE)), party=HERE, visit=Visit())
