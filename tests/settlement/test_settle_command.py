"""`haihe settle` beside a database: what it says, what it closes, how it ends."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer
from psycopg.conninfo import conninfo_to_dict

from haihe import app
from haihe.base.clock import TurnableClock, service_day
from haihe.ops.access import Access
from haihe.ops.commands import settle as command_file
from haihe.ops.offices import open_offices
from haihe.ops.terminal import Exit
from haihe.settlement.service import BANK_SILENT
from tests.grounds import open_ground
from tests.settling import settled_city
from tests.tallied import trades


@pytest.fixture
def settle(
    database: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Run the command as a person does; gives the exit code, stdout and stderr."""
    monkeypatch.setenv("HAIHE_HOME", str(tmp_path / "home"))
    where = conninfo_to_dict(database.owner_dsn)
    url = f"postgresql://{where['user']}@/{where['dbname']}?host={where['host']}&port={where['port']}"
    monkeypatch.setenv("HAIHE_DATABASE", url)
    tomorrow = TurnableClock(datetime.now(UTC) + timedelta(days=1))
    monkeypatch.setattr(command_file, "open_offices", partial(open_offices, clock=tomorrow))
    commands: list[typer.Typer] = []
    monkeypatch.setattr(typer.Typer, "__call__", lambda self, **_: commands.append(self))
    app.main()
    command = typer.main.get_command(commands[0])

    def run(*arguments: str) -> tuple[int, str, str]:
        code = command.main(["settle", *arguments], standalone_mode=False)
        said = capsys.readouterr()
        return int(code or 0), said.out, said.err

    return run


async def sell_today(database: Access) -> None:
    async with open_ground(database, trades) as city:
        one = settled_city(city, None, None)  # type: ignore[arg-type]
        melons = await city.organisation("melons", "shop")
        (li,) = await city.register(1)
        await one.buy(li, melons, 10_00)


def test_command_closes_the_day_that_is_over_and_says_that_no_bank_was_there(database: Access, settle: Any):
    asyncio.run(sell_today(database))
    over = service_day(datetime.now(UTC))
    code, out, said = settle("--json")
    answer = json.loads(out)
    assert code == Exit.DONE
    assert answer["days"] == [over.isoformat()]
    assert (answer["settlements"], answer["payouts"], answer["reason"]) == (1, 0, BANK_SILENT)
    assert f"{over}: 1 organisations are settled" in said
    assert settle()[2].endswith(f"closed: nothing was open; 0 settlements; {BANK_SILENT}\n")
    code, out, said = settle("--day", (over + timedelta(days=1)).isoformat())
    assert (code, out) == (Exit.USAGE, "")
    assert "is not over" in said
