"""The way up: sources asked one by one, each counted once, and the class that follows everywhere at once."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from demo.services import made_up
from haihe.base import audit, outbox
from haihe.base.clock import service_day
from haihe.ledger import service as ledger
from haihe.ops.verify import verify
from haihe.people.checks.errors import CardHolderMismatch, CheckUnavailable, SocialMismatch
from haihe.people.checks.model import Channel
from haihe.people.law.model import read_law
from haihe.people.model import Citizen, CitizenClass
from haihe.wallet.errors import CardUnknown
from haihe.web.guards import Staff
from tests.citizens import City, Service, founding

CLERK = Staff(77, 88, 1, "cashier", "Sun")


def card_of(bank: int, number: int) -> str:
    """Make up a card of one of the demo's banks, by the digit after the prefix."""
    body = f"{made_up.CARD_PREFIX}{bank}{number:011d}"
    return body + made_up.luhn_digit(body)


async def class_in_ledger(city: City, citizen: Citizen) -> int:
    async with city.database.connection() as connection:
        day = service_day(city.clock.now())
        return (await ledger.rooms(connection, citizen.bucket, [citizen.id], day=day))[citizen.id].limit_class


async def changes_told(city: City, citizen: Citizen) -> list[dict[str, str]]:
    async with city.database.connection() as connection:
        told = await outbox.read(connection, citizen.bucket, after=0)
    return [one.news.body for one in told if (one.news.kind, one.news.subject) == ("class_changed", citizen.id)]


async def deeds(city: City, citizen: Citizen) -> list[tuple[str, str]]:
    async with city.database.connection() as connection:
        found = await audit.about(connection, citizen.id, before=1 << 62, limit=50)
    return [(one.deed.action, one.deed.outcome) for one in reversed(found)]


async def test_third_source_gives_class_two_and_the_fifth_class_three_everywhere_at_once(city: City, owner_dsn: str):
    citizen = (await city.citizen()).citizen
    seen = []
    for channel in (Channel.SOCIAL, Channel.SOCIAL, Channel.EDUCATION, Channel.HOUSING):
        standing = await city.identities.check(citizen.id, channel)
        seen.append((standing.positive, standing.citizen_class.name, await class_in_ledger(city, citizen)))
    assert seen == [(3, "II", 2), (3, "II", 2), (4, "II", 2), (5, "III", 3)]
    assert (standing.next_class, standing.missing) == (None, 0)
    assert (await city.people.citizen(citizen.id)).citizen_class is CitizenClass.III
    assert await changes_told(city, citizen) == [{"class": "II", "before": "I"}, {"class": "III", "before": "II"}]
    checked, changed = ("identity_checked", "done"), ("class_changed", "done")
    assert [one for one in await deeds(city, citizen) if one in {checked, changed}] == [
        checked,
        changed,
        checked,
        checked,
        changed,
    ]
    assert verify(owner_dsn).findings == ()


async def test_each_bank_counts_once_however_many_cards(city: City):
    citizen = (await city.citizen()).citizen
    counted = []
    for number, bank in enumerate((0, 0, 3, 1)):  # three of them are of one bank
        card = await city.wallets.cards.add(citizen.id, card_of(bank, citizen.id % 10**9 * 10 + number))
        counted.append((await city.identities.check(citizen.id, Channel.BANK, card=card.id)).positive)
    assert counted == [3, 3, 3, 4]
    with pytest.raises(CardUnknown):
        await city.identities.check(citizen.id, Channel.BANK, card=4711)


async def test_mismatch_is_kept_and_never_counts_until_it_is_corrected(city: City, records: Service):
    citizen = (await city.citizen()).citizen
    for name in ("Somebody Else",):  # the bureau has the number under another name
        records.post("/social/checks", {"name": name, "id_number": citizen.id_number}).raise_for_status()
    with pytest.raises(SocialMismatch):
        await city.identities.check(citizen.id, Channel.SOCIAL)
    standing = await city.identities.standing(citizen.id)
    assert (standing.positive, standing.has(Channel.SOCIAL), len(standing.checks)) == (2, False, 3)
    assert (await deeds(city, citizen))[-1] == ("identity_checked", "social_mismatch")

    card = await city.wallets.cards.add(citizen.id, number := card_of(0, citizen.id % 10**10))
    other = {"card": number, "name": citizen.name, "id_number": citizen.id_number, "phone": "13800138000"}
    records.post("/cards/checks", other).raise_for_status()
    with pytest.raises(CardHolderMismatch):
        await city.identities.check(citizen.id, Channel.BANK, card=card.id)
    assert (await city.identities.standing(citizen.id)).positive == 2


@pytest.mark.parametrize("mode", ["wrong", "lost"])
async def test_silence_concludes_nothing(city: City, records: Service, mode: str):
    citizen = (await city.citizen()).citizen
    before = await city.identities.standing(citizen.id)
    records.tell(mode)
    with pytest.raises(CheckUnavailable):
        await city.identities.check(citizen.id, Channel.HOUSING)
    assert await city.identities.standing(citizen.id) == before
    records.tell("normal")
    assert (await city.identities.check(citizen.id, Channel.HOUSING)).citizen_class is CitizenClass.II


async def test_checks_at_once_add_up_and_change_the_class_once(city: City):
    citizen = (await city.citizen()).citizen
    channels = [Channel.SOCIAL, Channel.EDUCATION, Channel.SOCIAL, Channel.EDUCATION]
    await asyncio.gather(*(city.identities.check(citizen.id, channel) for channel in channels))
    standing = await city.identities.standing(citizen.id)
    assert (standing.positive, standing.citizen_class) == (4, CitizenClass.II)
    assert await changes_told(city, citizen) == [{"class": "II", "before": "I"}]


async def test_face_to_face_gives_class_two_once_also_within_another_transaction(city: City, owner_dsn: str):
    one, other = (await city.citizen()).citizen, (await city.citizen()).citizen
    for _ in range(2):
        assert (await city.identities.face_to_face(one.id, staff=CLERK)).citizen_class is CitizenClass.II
    async with city.database.transaction() as connection:
        await city.identities.face_to_face(other.id, staff=CLERK, connection=connection)
    for citizen in (one, other):
        assert await class_in_ledger(city, citizen) == 2
        assert await changes_told(city, citizen) == [{"class": "II", "before": "I"}]
        assert (await city.identities.standing(citizen.id)).missing == 3  # the counter is no source outside
    async with city.database.connection() as connection:
        (deed, *_) = await audit.within(connection, CLERK.organisation, before=1 << 62, limit=1)
    assert (deed.deed.actor_id, deed.deed.action) == (CLERK.person, "class_changed")
    assert verify(owner_dsn).findings == ()


async def test_founded_citizens_have_the_checks_of_their_class_and_a_class_above_them_is_found(
    city: City, owner_dsn: str
):
    classes = (CitizenClass.I, CitizenClass.II, CitizenClass.III)
    founded = await city.people.found([founding(citizen_class=one) for one in classes])
    law = read_law().on(service_day(city.clock.now()))
    for citizen in founded:
        standing = await city.identities.standing(citizen.id)
        assert standing.positive == law.checks[citizen.citizen_class.name]
        assert {check.origin.name for check in standing.checks} == {"FOUNDING"}
    assert verify(owner_dsn).findings == ()
    with psycopg.connect(owner_dsn) as connection:
        connection.execute("UPDATE citizens SET class = 3 WHERE id = %s", (founded[1].id,))
    findings = [str(one) for one in verify(owner_dsn).findings]
    assert len(findings) == 2
    assert any("by 3 sources" in text for text in findings)
    assert any("obeys the limits of class 2" in text for text in findings)


def test_law_needs_as_many_checks_as_the_stored_law_says():
    """haihe/people/checks/01_class.sql names the numbers: whoever changes the law of classes changes them there, too."""
    assert {(one.checks["I"], one.checks["II"], one.checks["III"]) for one in read_law().rules} == {(1, 3, 5)}
