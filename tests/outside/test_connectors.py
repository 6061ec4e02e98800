import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from demo.services import made_up
from haihe.base.clock import TurnableClock
from haihe.outside.bank import CONTRADICTED, DONE, UNKNOWN, HttpBank, Outcome, OutcomeKind
from haihe.outside.http import Unreachable, open_outside
from haihe.outside.registry import Answer, HttpRegistry
from haihe.outside.sms import SmsFile
from tests.citizens import ANSWER_S_MAX, Service


@pytest.fixture
async def population(registry: Service) -> AsyncIterator[HttpRegistry]:
    async with open_outside(registry.url, answer_s_max=ANSWER_S_MAX) as outside:
        yield HttpRegistry(outside)


@pytest.fixture
async def money(bank: Service) -> AsyncIterator[HttpBank]:
    async with open_outside(bank.url, answer_s_max=ANSWER_S_MAX) as outside:
        yield HttpBank(outside)


async def test_the_registry_matches_or_not(population: HttpRegistry):
    number = made_up.id_number()
    assert await population.check(name="王海河", id_number=number) is Answer.MATCH
    assert await population.check(name="王海河", id_number=number) is Answer.MATCH
    assert await population.check(name="李四", id_number=number) is Answer.MISMATCH
    assert await population.check(name="无此人", id_number=made_up.id_number()) is Answer.MISMATCH


@pytest.mark.parametrize("mode", ["wrong", "silent", "lost", "slow"])
async def test_a_registry_without_a_clear_answer_is_unreachable(population: HttpRegistry, registry: Service, mode: str):
    registry.tell(mode, delay_ms=5000)
    with pytest.raises(Unreachable):
        await population.check(name="王海河", id_number=made_up.id_number())


async def test_nobody_at_the_address_is_unreachable():
    async with open_outside("http://127.0.0.1:9", answer_s_max=ANSWER_S_MAX) as outside:
        with pytest.raises(Unreachable):
            await HttpRegistry(outside).check(name="王海河", id_number="x")
        assert await HttpBank(outside).pull(reference="1", card="2", amount_fen=3) == UNKNOWN


async def test_a_reference_is_carried_out_once(money: HttpBank, bank: Service):
    card = await money.made_up_card("王海河")
    reference = made_up.phone()
    for _ in range(3):
        assert await money.pull(reference=reference, card=card, amount_fen=500) == DONE
    assert await money.enquire(reference) == DONE
    assert await money.call_off(reference) == DONE
    assert await money.pull(reference=reference, card=card, amount_fen=501) == UNKNOWN
    assert sum(row["reference"] == reference for row in bank.get("/statement")["pulls"]) == 1


async def test_a_reference_that_was_called_off_is_never_carried_out(money: HttpBank):
    card, reference = await money.made_up_card("王海河"), made_up.phone()
    assert await money.enquire(reference) == UNKNOWN
    called_off = Outcome(OutcomeKind.REFUSED, "called_off")
    assert await money.call_off(reference) == called_off
    assert await money.pull(reference=reference, card=card, amount_fen=500) == called_off


@pytest.mark.parametrize("mode", ["wrong", "silent", "lost", "slow"])
async def test_a_pull_without_a_clear_answer_is_unknown(money: HttpBank, bank: Service, mode: str):
    card, reference = await money.made_up_card("王海河"), made_up.phone()
    bank.tell(mode, delay_ms=5000)
    assert await money.pull(reference=reference, card=card, amount_fen=500) == UNKNOWN
    bank.tell("normal")
    assert await money.enquire(reference) in ({DONE} if mode == "lost" else {UNKNOWN, DONE})


async def test_the_bank_refuses_with_a_reason(money: HttpBank):
    card = await money.made_up_card("王海河")
    unknown = "6222021234567890128"
    for number, amount, reason in ((card, 10_000_001, "no_funds"), (unknown, 1, "card_unknown")):
        outcome = await money.pull(reference=made_up.phone(), card=number, amount_fen=amount)
        assert outcome == Outcome(OutcomeKind.REFUSED, reason)


async def test_sms_of_the_demo_are_lines_of_a_private_file(tmp_path: Path):
    clock = TurnableClock()
    sms = SmsFile(tmp_path / "sms.jsonl", clock)
    await sms.send("13800138000", text="你的验证码", code="123456")
    await sms.send("13800138001", text="two\nlines", code="654321")
    lines = [json.loads(line) for line in (tmp_path / "sms.jsonl").read_text().splitlines()]
    assert [line["code"] for line in lines] == ["123456", "654321"]
    assert lines[0] == {"phone": "13800138000", "text": "你的验证码", "code": "123456", "at": clock.now().isoformat()}
    assert (tmp_path / "sms.jsonl").stat().st_mode & 0o777 == 0o600


async def test_each_door_of_the_bank_misbehaves_by_itself_and_another_s_answer_is_not_believed(
    money: HttpBank, bank: Service
):
    card, reference = await money.made_up_card("王海河"), made_up.phone()
    bank.post("/control", {"mode": "swapped", "for": "pulls"}).raise_for_status()
    assert await money.pull(reference=reference, card=card, amount_fen=500) == CONTRADICTED
    assert await money.enquire(reference) == DONE
    assert (await money.enquire(reference)).amount == 500
    bank.post("/control", {"mode": "silent", "for": "enquiries"}).raise_for_status()
    assert await money.enquire(reference) == UNKNOWN
    assert [row["amount_fen"] for row in bank.get("/statement")["pulls"] if row["reference"] == reference] == [500]
    assert bank.post("/control", {"mode": "silent", "for": "windows"}).status_code == 400
