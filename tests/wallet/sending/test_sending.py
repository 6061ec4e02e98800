import asyncio
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from demo.services import made_up
from haihe.base import outbox
from haihe.base.clock import service_day
from haihe.base.confirmations import Strength
from haihe.base.database import TryAgain
from haihe.base.errors import Refusal
from haihe.base.vault import mask_name
from haihe.ledger import service as ledger
from haihe.ledger.crossings.service import Crossings
from haihe.ledger.model import AccountFlag, Risk, TurnoverLimits
from haihe.people import errors as people_errors
from haihe.people.model import Citizen
from haihe.wallet.model import WalletRules
from haihe.wallet.sending import errors, jobs
from haihe.wallet.sending.model import Status, Told
from tests.killing import killed_at_every_line
from tests.wallet.sending.conftest import MONEY, PASSCODE, Senders


async def both_have(senders: Senders, other: Citizen) -> tuple[int, int]:
    return await senders.city.balance(senders.li), await senders.city.balance(other)


async def test_money_reaches_a_citizen_of_any_bucket_and_both_see_it(senders: Senders):
    for number, other in enumerate((senders.wang, senders.zhao), 1):
        done = await senders.send(50_00, to=other, key=f"{number}", note="  for\tlunch ")
        masked = mask_name(other.name)
        assert (done.status, done.other, done.balance) == (Status.ARRIVED, masked, MONEY - number * 50_00)
        assert await both_have(senders, other) == (MONEY - number * 50_00, MONEY + 50_00)
        seen = await senders.seen_by(other, done)
        assert (seen.is_outgoing, seen.other, seen.balance) == (False, mask_name(senders.li.name), MONEY + 50_00)
        assert (seen.note, (await senders.seen_by(senders.li, done)).note) == ("for lunch", "for lunch")
        assert (await history(senders, other))[0] == ("From 李**", 50_00, f"/transfers/{done.id}")
        assert (await history(senders, senders.li))[0] == (f"Sent to {masked}", -50_00, f"/transfers/{done.id}")
        assert await news_of(senders, other) == [("money_received", {"transfer": str(done.id), "amount": 50_00})]
    with pytest.raises(errors.TransferUnknown):
        await senders.seen_by(senders.zhao, await senders.send(1, to=senders.wang, key="3"))
    assert senders.city.verified() == []


async def history(senders: Senders, citizen: Citizen) -> list[tuple[str, int, str]]:
    page = await senders.city.payments.history(senders.city.viewer(citizen), "en", limit=10, cursor=None)
    return [(entry.title, entry.amount, entry.href) for entry in page.items]


async def news_of(senders: Senders, citizen: Citizen) -> list[tuple[str, dict[str, Any]]]:
    async with senders.city.database.connection() as connection:
        found = await outbox.read(connection, citizen.bucket, after=0)
    return [(one.news.kind, one.news.body) for one in found if one.news.subject == citizen.id]


async def test_the_note_is_sealed_for_each_of_the_two(senders: Senders):
    await senders.send(1, to=senders.wang, note="a secret")
    with psycopg.connect(senders.city.access.owner_dsn) as connection:
        rows = connection.execute("SELECT note FROM sendings UNION SELECT note FROM arrivals").fetchall()
        content = connection.execute("SELECT encode(content, 'escape') FROM sendings").fetchall()
    assert len(rows) == 2
    assert not any(b"secret" in note for (note,) in rows)
    assert senders.wang.phone not in str(content)


async def test_the_same_request_is_one_transfer_and_another_under_its_key_is_refused(senders: Senders):
    first = await senders.send(50_00, to=senders.wang)
    again = await asyncio.gather(*(senders.send(50_00, to=senders.wang) for _ in range(5)))
    assert {one.id for one in again} == {first.id}
    at_once = await asyncio.gather(*(senders.send(1_00, to=senders.wang, key="at once") for _ in range(8)))
    assert len({one.id for one in at_once}) == 1
    assert await both_have(senders, senders.wang) == (MONEY - 51_00, MONEY + 51_00)
    for other in ({"amount": 51_00}, {"to": senders.zhao}, {"note": "hello"}):
        with pytest.raises(errors.SendingKeyReused):
            await senders.send(**{"amount": 50_00, "to": senders.wang, **other})  # type: ignore[arg-type]
    assert senders.city.verified() == []


async def test_a_refusal_of_the_ledger_is_remembered_under_its_key_and_others_leave_it_free(senders: Senders):
    with pytest.raises(errors.MoneyInsufficient) as caught:
        await senders.send(MONEY + 1, to=senders.wang, passcode=PASSCODE)
    assert caught.value.details["balance"] == {"amount": MONEY, "currency": "CNY"}
    await senders.city.register(1)
    with pytest.raises(errors.MoneyInsufficient):
        await senders.send(MONEY + 1, to=senders.wang)
    with pytest.raises(people_errors.PasscodeMissing):
        await senders.send(201_00, to=senders.wang, key="free")
    assert (await senders.send(201_00, to=senders.wang, key="free", passcode=PASSCODE)).status is Status.ARRIVED
    await senders.flag(senders.li, AccountFlag.FROZEN)
    for key in ("frozen", "frozen"):
        with pytest.raises(errors.SenderFrozen):
            await senders.send(1, to=senders.wang, key=key)
    assert (await senders.send(201_00, to=senders.wang, key="free")).status is Status.ARRIVED
    assert await both_have(senders, senders.wang) == (MONEY - 201_00, MONEY + 201_00)
    assert senders.city.verified() == []


async def test_who_cannot_receive_is_refused_like_a_number_that_nobody_has(senders: Senders):
    await senders.flag(senders.zhao, AccountFlag.CLOSED)
    told = set()
    for phone in (made_up.phone(), senders.zhao.phone):
        with pytest.raises(errors.RecipientUnknown) as caught:
            await senders.send(1, to=phone)
        told.add((caught.value.code, caught.value.status, str(caught.value.details)))
    assert len(told) == 1
    with pytest.raises(people_errors.PhoneInvalid):
        await senders.send(1, to=senders.wang.id_number)
    with pytest.raises(errors.RecipientIsSelf):
        await senders.send(1, to=senders.li)


async def test_wrong_input_is_refused_and_moves_nothing(senders: Senders):
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"amount": 0}, "amount_invalid"),
        ({"amount": -1}, "amount_invalid"),
        ({"amount": 10**18}, "amount_invalid"),
        ({"amount": WalletRules().send_fen_max + 1}, "amount_invalid"),
        ({"note": "x" * 41}, "note_too_long"),
        ({"key": ""}, "key_missing"),
        ({"key": "k" * 201}, "key_missing"),
        ({"expects": "赵*"}, "recipient_changed"),
    ]
    for changes, code in wrong:
        with pytest.raises(Refusal) as caught:
            await senders.send(**{"amount": 1, "to": senders.wang, **changes})
        assert caught.value.code == code
    assert await both_have(senders, senders.wang) == (MONEY, MONEY)


async def test_the_passcode_decides_in_which_class_the_debit_counts(senders: Senders):
    await senders.send(1, to=senders.wang, key="a")
    await senders.send(1, to=senders.zhao, key="b", passcode=PASSCODE)
    with pytest.raises(people_errors.PasscodeWrong):
        await senders.send(1, to=senders.zhao, key="c", passcode="314159")
    with psycopg.connect(senders.city.access.owner_dsn) as connection:
        rows = connection.execute(
            "SELECT risk FROM transfers WHERE debit = %s ORDER BY id", (senders.li.id,)
        ).fetchall()
    assert [Risk(risk) for (risk,) in rows] == [Risk.C, Risk.B]


async def test_a_limit_that_is_reached_refuses_and_is_remembered(senders: Senders):
    async with senders.city.database.transaction() as connection:
        today = service_day(senders.city.clock.now())
        await ledger.set_limits(connection, TurnoverLimits(limit_class=7, day_c=5_00, total=6_00), since=today)
        await ledger.classify(connection, senders.li.bucket, senders.li.id, 7)
    await senders.send(5_00, to=senders.wang, key="a")
    with pytest.raises(errors.SendingNotConfirmed):
        await senders.send(1_00, to=senders.wang, key="b")
    assert (await senders.send(1_00, to=senders.wang, key="b", passcode=PASSCODE)).status is Status.ARRIVED
    for _ in range(2):
        with pytest.raises(errors.SendingLimitReached):
            await senders.send(1, to=senders.wang, key="c", passcode=PASSCODE)


async def test_what_cannot_arrive_comes_back_and_the_sender_reads_why(
    senders: Senders, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Crossings, "_arrive", frozen_first(senders, Crossings._arrive))
    back = await senders.send(50_00, to=senders.wang)
    assert (back.status, back.balance, back.is_held) == (Status.RETURNED, MONEY, False)
    assert (await senders.send(50_00, to=senders.wang)).status is Status.RETURNED
    masked = mask_name(senders.wang.name)
    assert (await history(senders, senders.li))[:2] == [
        (f"Back from {masked}", 50_00, f"/transfers/{back.id}"),
        (f"Sent to {masked}", -50_00, f"/transfers/{back.id}"),
    ]
    assert await news_of(senders, senders.wang) == []
    body = {"transfer": str(back.id), "amount": 50_00, "held": False}
    assert (await news_of(senders, senders.li))[-1] == ("money_returned", body)
    assert senders.city.verified() == []


def frozen_first(senders: Senders, arrive: Any) -> Any:
    """Freeze the recipient between the two steps."""

    async def arrive_late(*arguments: Any) -> Any:
        with psycopg.connect(senders.city.access.owner_dsn) as connection:
            values = (senders.wang.bucket, senders.wang.id)
            connection.execute("SELECT ledger_flag(%s::smallint, %s, 2, 0)", values)
        return await arrive(*arguments)

    return arrive_late


async def test_when_the_database_goes_away_after_the_first_step_it_is_on_its_way(
    senders: Senders, monkeypatch: pytest.MonkeyPatch
):
    async def away(*_: object) -> None:
        raise TryAgain

    with monkeypatch.context() as patch:
        patch.setattr(Crossings, "finish", away)
        sent = await senders.send(50_00, to=senders.wang)
    assert (sent.status, await senders.on_its_way()) == (Status.SENT, 50_00)
    assert await both_have(senders, senders.wang) == (MONEY - 50_00, MONEY)
    with pytest.raises(errors.TransferUnknown):
        await senders.seen_by(senders.wang, sent)
    (job,) = jobs(senders.sendings)
    await job.work()
    assert (await senders.seen_by(senders.wang, sent)).status is Status.ARRIVED
    assert (await senders.seen_by(senders.li, sent)).status is Status.ARRIVED
    assert await senders.on_its_way() == 0
    assert senders.city.verified() == []


async def test_killed_at_any_line_a_repeat_with_the_same_key_sends_once(senders: Senders):
    places = []

    async def send(line: int) -> None:
        await senders.send(1, to=senders.wang, key=f"{line}", note="hi")

    async for place in killed_at_every_line(send, "haihe/wallet/sending"):
        places.append(place)
        await send(len(places))
        assert await senders.city.balance(senders.wang) == MONEY + len(places), place
    assert len(places) > 80
    assert {place.partition(":")[0] for place in places} >= {"service.py", "store.py", "mail.py"}
    await senders.sendings.crossings.finish_open()
    assert await both_have(senders, senders.wang) == (MONEY - len(places), MONEY + len(places))
    assert await senders.on_its_way() == 0
    assert senders.city.verified() == []


async def test_check_names_what_does_not_agree(senders: Senders):
    first, second, third = [
        await senders.send(10_00, to=to, key=f"{to.id}-{n}")
        for n, to in enumerate((senders.wang, senders.zhao, senders.wang))
    ]
    with psycopg.connect(senders.city.access.owner_dsn) as connection:
        connection.execute("UPDATE sendings SET amount = 1 WHERE id = %s", (first.id,))
        connection.execute("DELETE FROM arrivals WHERE id = %s", (second.id,))
        connection.execute("UPDATE arrivals SET recipient = 1 WHERE id = %s", (third.id,))
    wrong = "\n".join(senders.city.verified())
    assert f"sending {first.id} of citizen {senders.li.id} (result 0) does not match its posting" in wrong
    assert f"sending {second.id} brought money to citizen {senders.zhao.id}, who was not told" in wrong
    assert f"arrival {third.id} of citizen 1 does not match its posting" in wrong


async def test_a_movement_that_nobody_can_tell_has_a_plain_line(senders: Senders):
    await senders.send(1, to=senders.wang)
    senders.city.payments = replace(senders.city.payments, teller=None)
    assert (await history(senders, senders.li))[0] == ("Money between citizens", -1, "")
    stranger = senders.zhao
    told = await senders.sendings.tell(
        citizen=stranger.id, bucket=stranger.bucket, crossed=[16], undone=[32], lang="en"
    )
    assert told == dict[int, Told]()


async def test_beyond_the_day_of_one_factor_sending_asks_for_a_confirmation_and_leaves_the_key_free(senders: Senders):
    async with senders.city.database.transaction() as connection:
        await ledger.set_limits(
            connection,
            TurnoverLimits(int(senders.li.citizen_class), day_a=900_00, day_b=600_00, day_c=100_00),
            since=service_day(senders.city.clock.now()),
        )
    await senders.send(60_00, to=senders.wang, key="a")
    with pytest.raises(errors.SendingNotConfirmed):
        await senders.send(60_00, to=senders.wang, key="b")
    sent = await senders.send(60_00, to=senders.wang, key="b", passcode=PASSCODE)
    assert sent.status is Status.ARRIVED
    with pytest.raises(errors.SendingNotConfirmed):
        await senders.send(590_00, to=senders.wang, key="c", passcode=PASSCODE)
    granted = senders.city.ground.base.confirmations.grant(senders.li.id, "c", Strength.PASSKEY)
    assert (await senders.send(590_00, to=senders.wang, key="c", confirmation=granted)).amount == 590_00
    with pytest.raises(errors.MoneyInsufficient):
        await senders.send(400_00, to=senders.wang, key="d", passcode=PASSCODE)
    assert await senders.city.balance(senders.li) == MONEY - 710_00
