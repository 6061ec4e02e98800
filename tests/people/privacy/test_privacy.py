"""A person's rights over the own data, and what a stolen database tells."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import timedelta

import pytest

from demo.services import made_up
from haihe.app import SECTORS
from haihe.base import audit, outbox
from haihe.base.audit import Actor, Deed
from haihe.base.errors import BrokenInvariantError, Refusal
from haihe.base.outbox import News
from haihe.base.tokens import TokenInvalid
from haihe.counter.surnames import Surnames
from haihe.ledger.model import AccountFlag
from haihe.ledger.seal.proof import proof_of, written
from haihe.ledger.seal.sealer import Sealer
from haihe.notices.service import build_notices
from haihe.people.model import Citizen, FoundingCitizen, Purpose
from haihe.people.privacy import errors
from haihe.people.privacy.access import AccessLog
from haihe.people.privacy.exporting import EXPORTS_A_DAY_MAX, table
from haihe.wallet.model import WalletRules
from haihe.wallet.sending.model import SendRequest
from haihe.wallet.sending.service import build_sendings
from tests.grounds import SectorCity, open_ground
from tests.held import byte_values, dump, holdings_of, rights_in
from tests.ledger.seal.conftest import SIGNER
from tests.tallied import trades

PASSCODE = "271828"
HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")
NOTE = "生日快乐，奶奶"
MONEY = 5_000_00


async def live(city: SectorCity, citizen: Citizen, other: Citizen) -> int:
    """Have somebody leave traces everywhere; give a payment."""
    base = city.ground.base
    own = base.vault.unlock(await _key(city, citizen), citizen.id)
    sendings = build_sendings(base, people=city.ground.people, limits=WalletRules())
    await sendings.send(gift(citizen, other, 2_00))
    await sendings.send(gift(other, citizen, 1_00))
    shop = await city.organisation("melons", "shop")
    payment = await city.pay(citizen, f"stall-{shop.id}", 3_00)
    card = made_up.card()
    async with city.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO bank_cards VALUES (%s, %s, %s, %s, %s, %s)",
            (
                base.ids.next(),
                citizen.id,
                own.seal("card", card),
                base.vault.search_hash("card", card),
                card[-4:],
                city.clock.now(),
            ),
        )
        await connection.execute(
            "INSERT INTO passkeys VALUES (%s, %s, %s, %s, 0, %s, %s, %s)",
            (base.ids.next(), citizen.id, b"c" * 32, b"k", own.seal("passkey", "Mine"), *[city.clock.now()] * 2),
        )
        news = [News("family_linked", citizen.id, {"role": "helper", "name_masked": other.masked_name})]
        await outbox.publish(connection, citizen.bucket, news, at=city.clock.now())
        seen = Deed(action="person_seen", actor=Actor.STAFF, actor_id=7, organisation=shop.id, subject=citizen.id)
        await audit.write(connection, [seen], at=city.clock.now())
    await build_notices(
        base, people=city.ground.people, organisations=city.ground.organisations, sms=rights_in(city).phones
    ).read_news()
    return payment.id


def gift(sender: Citizen, recipient: Citizen, amount: int) -> SendRequest:
    return SendRequest(
        sender=sender.id,
        bucket=sender.bucket,
        phone=recipient.phone,
        amount=amount,
        key=f"gift of {amount}",
        note=NOTE,
        expects=recipient.masked_name,
    )


async def _key(city: SectorCity, citizen: Citizen) -> bytes:
    async with city.database.connection() as connection:
        row = await (await connection.execute("SELECT data_key FROM citizens WHERE id = %s", (citizen.id,))).fetchone()
    assert row
    return bytes(row[0])


async def spend_all(city: SectorCity, citizen: Citizen) -> None:
    if left := await city.balance(citizen):
        await city.pay(citizen, f"stall-{city.ground.organisations.directory.by_key['melons'].id}", left)


def traces(text: str) -> list[str]:
    """Everything by which a text could be recognised without a key."""
    spelled = {text, text.encode().hex(), base64.b64encode(text.encode()).decode(), json.dumps(text)[1:-1]}
    hashed = {hashlib.new(name, text.encode()).hexdigest() for name in HASHES}
    packed = {base64.b64encode(bytes.fromhex(one)).decode() for one in hashed}
    return sorted(spelled | hashed | packed)


def found_in(text: str, wanted: Sequence[str]) -> list[str]:
    lowered = text.lower()
    return [one for secret in wanted for one in traces(secret) if one.lower() in lowered]


async def test_stolen_database_names_nobody_and_an_erased_person_is_gone_from_it_for_good(database):
    async with open_ground(database, *SECTORS, trades) as city:
        citizens = await city.register(12, MONEY, passcode=PASSCODE)
        await city.found(citizens)
        citizen, other = citizens[0], citizens[1]
        rights = rights_in(city)
        payment = await live(city, citizen, other)
        secrets = [(one.name, one.phone, one.id_number) for one in citizens]

        stolen = dump(database.owner_dsn)
        assert found_in(stolen, [text for one in secrets for text in one] + [NOTE]) == []

        token = rights.people.issue_token(citizen, timedelta(days=3000))
        rights.people.sessions.grant(token)
        surnames = Surnames(rights.people)
        assert await surnames.of([citizen.id]) == [citizen.masked_name]
        key = await _key(city, citizen)
        await _pay_clinic(city, citizen)
        await spend_all(city, citizen)
        await rights.erasure.ask_code(citizen.id, lang="en")
        code = rights.phones.codes[citizen.phone]
        await rights.erasure.erase(citizen.id, passcode=PASSCODE, code=code, is_understood=True)

        with pytest.raises(TokenInvalid):
            rights.people.sessions.grant(token)
        assert await surnames.of([citizen.id]) == ["***"]
        gone = await rights.people.citizen(citizen.id)
        assert (gone.is_erased, gone.name, gone.phone, gone.id_number) == (True, "", "", "")
        assert gone.name_for_others("en") == "Erased person"
        assert await rights.people.find(citizen.phone) is None
        assert await rights.people.find(citizen.id_number) is None
        unreadable(city, citizen, database.owner_dsn, key)
        async with city.database.connection() as connection:
            flags = await (
                await connection.execute("SELECT flags FROM accounts WHERE id = %s", (citizen.id,))
            ).fetchall()
        assert AccountFlag(flags[0][0]) & AccountFlag.CLOSED

        assert city.verified() == []
        sealer = Sealer(city.database, city.clock, SIGNER)
        await sealer.catch_up(at_once=True)
        async with city.database.connection() as connection:
            assert str(payment) in written(await proof_of(connection, citizen.bucket, payment))
        (again,) = await rights.people.found([_as_before(citizen)])
        assert (again.id != citizen.id, again.name) == (True, citizen.name)
        assert city.verified() == []


def _as_before(citizen: Citizen) -> FoundingCitizen:
    return FoundingCitizen(name=citizen.name, id_number=citizen.id_number, phone=citizen.phone)


async def _pay_clinic(city: SectorCity, citizen: Citizen) -> None:
    """Pay the open clinic bills: who owes cannot go."""
    async with city.database.connection() as connection:
        statement = "SELECT id FROM dues WHERE kind = 5 AND subject = %s AND status = 0"
        open_bills = await (await connection.execute(statement, (citizen.id,))).fetchall()
    for (due,) in open_bills:
        await city.pay(citizen, f"clinic-{due}")


def unreadable(city: SectorCity, citizen: Citizen, owner_dsn: str, key: bytes) -> None:
    """See that nothing in the database opens to anything of a person any more, even with the city's own keys."""
    vault, after = city.ground.base.vault, dump(owner_dsn)
    assert key.hex() not in after
    assert found_in(after, [citizen.name, citizen.phone, citizen.id_number, NOTE]) == []
    for field, text in (("phone", citizen.phone), ("id_number", citizen.id_number)):
        assert vault.search_hash(field, text).hex() not in after
    for value in byte_values(owner_dsn):
        with pytest.raises(BrokenInvariantError):
            vault.unlock(value, citizen.id)


async def test_nobody_is_erased_by_half_by_mistake_or_with_something_open(database):
    async with open_ground(database, *SECTORS, trades) as city:
        citizen, other = await city.register(2, MONEY, passcode=PASSCODE)
        rights = rights_in(city)
        await live(city, citizen, other)
        await rights.erasure.ask_code(citizen.id, lang="en")
        code = rights.phones.codes[citizen.phone]

        async def refused(kind: type[Refusal], **changes: object) -> None:
            wish: dict[str, object] = {"passcode": PASSCODE, "code": code, "is_understood": True, **changes}
            with pytest.raises(kind):
                await rights.erasure.erase(citizen.id, **wish)  # type: ignore[arg-type]
            assert (await rights.people.citizen(citizen.id)).name == citizen.name

        await refused(errors.ErasureNotUnderstood, is_understood=False)
        await refused(errors.MoneyLeft)
        await spend_all(city, citizen)
        async with city.database.connection() as connection:
            await connection.execute(
                """
                INSERT INTO top_ups (bucket, id, citizen, card, amount, status, reason, key_hash, content_hash, balance, asked_at, changed_at,
                    next_try_at, tries)
                VALUES (%s, %s, %s, 1, 5, 3, '', '', '', 0, now(), now(), now(), 0)
                """,
                (citizen.bucket, city.ground.base.ids.next(), citizen.id),
            )
        await refused(errors.StillPending)
        async with city.database.connection() as connection:
            await connection.execute("UPDATE top_ups SET status = 2")
        await refused(Refusal, passcode="000000")
        await refused(Refusal, code="000000" if code != "000000" else "111111")
        with pytest.raises(Refusal):  # a code for something else never erases
            await rights.people.codes.check(citizen.phone, Purpose.SIGN_IN, code)
        async with city.database.connection() as connection:
            noted = await audit.about(connection, citizen.id, before=1 << 60, limit=50)
        assert [one.deed.outcome for one in reversed(noted) if one.deed.action == "person_erased"] == [
            "erasure_not_understood",
            "money_left",
            "still_pending",
            "passcode_wrong",
            "code_wrong",
        ]
        await rights.erasure.erase(citizen.id, passcode=PASSCODE, code=code, is_understood=True)
        assert (await rights.people.citizen(citizen.id)).is_erased
        assert city.verified() == []


async def test_export_holds_everything_and_is_told_and_counted(database):
    async with open_ground(database, *SECTORS, trades) as city:
        citizens = await city.register(12, MONEY, passcode=PASSCODE)
        await city.found(citizens)
        citizen, other = citizens[0], citizens[1]
        rights = rights_in(city)
        await live(city, citizen, other)
        packed = b"".join([piece async for piece in await rights.exports.begin(citizen.id, PASSCODE, "zh")])
        with zipfile.ZipFile(io.BytesIO(packed)) as opened:
            assert opened.testzip() is None
            files = {name: opened.read(name).decode("utf-8-sig") for name in opened.namelist()}
        assert files.keys() >= {"README.txt", "index.html"} | {f"json/{one.name}.json" for one in holdings_of(city)}
        assert citizen.name in files["README.txt"]
        (person,) = json.loads(files["json/person.json"])
        assert (person["name"], person["phone"], person["id_number"]) == (
            citizen.name,
            citizen.phone,
            citizen.id_number,
        )
        assert [one["note"] for one in json.loads(files["json/sent.json"])] == [NOTE]
        assert [one["note"] for one in json.loads(files["json/received.json"])] == [NOTE]
        assert -3_00 in [one["amount"] for one in json.loads(files["json/movements.json"])]
        assert json.loads(files["json/bank_cards.json"])[0]["number"].startswith("**** ")
        assert "Mine" in files["csv/passkeys.csv"]
        assert "person_seen" in files["json/audit.json"]
        assert all(one.phone not in text for text in files.values() for one in citizens if one is not citizen)

        async with city.database.connection() as connection:
            news = await outbox.read(connection, citizen.bucket, after=0)
        assert ("data_exported", citizen.id) in [(one.news.kind, one.news.subject) for one in news]
        with pytest.raises(Refusal) as wrong:
            await rights.exports.begin(citizen.id, "000000", "zh")
        assert wrong.value.code == "passcode_wrong"
        for _ in range(EXPORTS_A_DAY_MAX - 1):
            await rights.exports.begin(citizen.id, PASSCODE, "zh")
        with pytest.raises(errors.ExportedEnough):
            await rights.exports.begin(citizen.id, PASSCODE, "zh")
        city.clock.turn(timedelta(days=1, minutes=1))
        await rights.exports.begin(citizen.id, PASSCODE, "zh")


async def test_person_sees_which_staff_looked_and_nobody_else_sees_it(database):
    async with open_ground(database, trades) as city:
        citizen, other = await city.register(2)
        shop = await city.organisation("clinic", "hospital", names={"en": "Clinic", "zh": "医院"})
        log = AccessLog(city.database, lambda known, lang: {shop.id: shop.name(lang)}.get(known, ""))
        deeds = [
            Deed(action="person_seen", actor=Actor.STAFF, actor_id=7, organisation=shop.id, subject=citizen.id),
            Deed(action="wallet_frozen", actor=Actor.STAFF, actor_id=7, subject=citizen.id, outcome="forbidden"),
            Deed(action="passcode_set", actor=Actor.CITIZEN, actor_id=citizen.id, subject=citizen.id),
        ]
        async with city.database.transaction() as connection:
            await audit.write(connection, deeds, at=city.clock.now())
        looks = await log.about(citizen.id, lang="zh")
        assert [(one.where, one.is_done) for one in looks] == [("城市", False), ("医院", True)]
        assert await log.about(other.id, lang="zh") == []


def test_tables_are_never_taken_for_formulas():
    assert table(["a", "b"], [{"a": "=1+1", "b": -5}]).splitlines()[1] == "'=1+1,-5"
    assert list(csv.reader(io.StringIO(table(["a"], [{"a": 'x"y,\n'}]).lstrip("\ufeff"))))[1] == ['x"y,\n']
