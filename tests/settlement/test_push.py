"""The way out to the bank, over a real connection: each reference once, whatever the bank does with its answers."""

from __future__ import annotations

import uuid

import pytest

from haihe.outside.bank import DONE, UNKNOWN, HttpBank, Outcome, OutcomeKind
from haihe.outside.http import Unreachable, open_outside
from tests.citizens import Service

ACCOUNT = "6299980000000011000"


async def test_a_push_is_carried_out_once_however_often_it_is_asked(bank: Service):
    async with open_outside(bank.url) as way:
        connector, reference = HttpBank(way), uuid.uuid4().hex
        before = await last_line(connector)
        await connector.deposit(reference=reference, amount_fen=100)
        await connector.deposit(reference=reference, amount_fen=100)
        for _ in range(3):
            assert await connector.push(reference=reference, account=ACCOUNT, amount_fen=60) == DONE
        assert await connector.enquire_push(reference) == DONE
        assert await connector.call_off_push(reference) == DONE  # too late
        assert await connector.push(reference=reference, account=ACCOUNT, amount_fen=61) == UNKNOWN  # other content
        lines = await connector.reserve_lines(after=before)
        assert [(line.kind, line.reference, line.amount) for line in lines] == [
            ("deposit", reference, 100),
            ("push", reference, -60),
        ]
        assert lines[1].balance == lines[0].balance - 60
        too_much = await connector.push(reference=f"{reference} b", account=ACCOUNT, amount_fen=lines[1].balance + 1)
        assert too_much == Outcome(OutcomeKind.REFUSED, "no_funds")


async def test_a_push_that_was_called_off_is_never_carried_out(bank: Service):
    async with open_outside(bank.url) as way:
        connector, reference = HttpBank(way), uuid.uuid4().hex
        assert await connector.enquire_push(reference) == UNKNOWN
        called_off = Outcome(OutcomeKind.REFUSED, "called_off")
        assert await connector.call_off_push(reference) == called_off
        assert await connector.push(reference=reference, account=ACCOUNT, amount_fen=1) == called_off


@pytest.mark.parametrize("mode", ["lost", "silent", "wrong"])
async def test_a_missing_answer_is_unknown_and_never_guessed(bank: Service, mode: str):
    async with open_outside(bank.url, answer_s_max=0.5) as way:
        connector, reference = HttpBank(way), uuid.uuid4().hex
        await connector.deposit(reference=reference, amount_fen=1)
        bank.tell(mode)
        assert await connector.push(reference=reference, account=ACCOUNT, amount_fen=1) == UNKNOWN
        if mode != "lost":
            with pytest.raises(Unreachable):
                await connector.reserve_lines(after=0)
        bank.tell("normal")
        assert await connector.enquire_push(reference) == (DONE if mode == "lost" else UNKNOWN)


async def last_line(connector: HttpBank) -> int:
    """Find the end of the statement, page by page."""
    after = 0
    while lines := await connector.reserve_lines(after=after):
        after = lines[-1].number
    return after
