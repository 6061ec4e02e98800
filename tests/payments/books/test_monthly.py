"""In the first days of a month everyone who moved money is told once that the statement is there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from haihe.ops.access import Access
from haihe.payments.books import monthly
from tests.moneyed import open_money


async def test_who_moved_money_is_told_once_on_the_first(
    database: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(monthly, "TOLD_MAX", 2)
    async with open_money(database, tmp_path) as one:
        notices = one.ways.monthly
        citizens = [one.li, *await one.city.register(6, 1_00)]
        (idle,) = await one.city.register(1, 0)
        now = one.city.clock.now()
        first = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, 1, tzinfo=UTC)
        if now.day > monthly.DAYS:
            await notices.run()
            assert await one.ask("SELECT 1 FROM outbox WHERE kind = 'statement_ready'") == []
        one.city.clock.moment = first
        await asyncio.gather(*(notices.run() for _ in range(3)))
        one.city.clock.turn(timedelta(days=1))
        await notices.run()
        told = await one.ask("SELECT subject, body FROM outbox WHERE kind = 'statement_ready'")
        month = {"month": f"{monthly.month_before(first.date()):%Y-%m}"}
        assert sorted(told, key=lambda row: row[0]) == sorted((citizen.id, month) for citizen in citizens)
        assert idle.id not in {row[0] for row in told}
