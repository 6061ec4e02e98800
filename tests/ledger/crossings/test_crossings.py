import asyncio
from typing import Any

import psycopg
import pytest

from haihe.base.clock import SystemClock
from haihe.base.database import open_database
from haihe.base.ids import Ids
from haihe.ledger.crossings.model import State
from haihe.ledger.model import AccountFlag, Result, SystemAccount
from tests.ledger.crossings.conftest import MONEY, Ear, Town

LI, WANG, ZHAO = 0, 1, 2
"""Who lives in which bucket."""


async def test_money_crosses_in_two_steps_and_every_bucket_sums_to_zero(town: Town):
    sent = town.crossing(LI, WANG, 30_00)
    (posted,) = await town.begin(sent)
    assert (posted.result, posted.balance) == (Result.POSTED, 70_00)
    assert (await town.has(LI), await town.has(WANG)) == (70_00, 100_00)
    assert await town.bridges() == [30_00, 0, 0, 0]
    assert town.found_wrong() == []

    assert await town.crossings.finish(LI, [sent.id]) == {sent.id: State.ARRIVED}
    assert (await town.has(LI), await town.has(WANG)) == (70_00, 130_00)
    assert await town.bridges() == [30_00, -30_00, 0, 0]
    assert town.found_wrong() == []
    assert town.ear.arrivals == [sent.id]


async def test_within_one_bucket_one_posting_does_it(town: Town):
    sent = town.crossing(LI, LI, 30_00, credit=SystemAccount.SUSPENSE)
    await town.begin(sent)
    assert (await town.has(LI), await town.has(LI, SystemAccount.SUSPENSE)) == (70_00, 30_00)
    assert await town.bridges() == [0, 0, 0, 0]
    assert await town.states(sent) == [None]
    assert town.ear.arrivals == [sent.id]


@pytest.mark.parametrize("flag", [AccountFlag.FROZEN, AccountFlag.CLOSED])
async def test_what_cannot_arrive_comes_back_and_names_what_it_reverses(town: Town, flag: AccountFlag):
    await town.flag(WANG, flag)
    sent = town.crossing(LI, WANG, 30_00)
    await town.begin(sent)
    assert await town.crossings.finish(LI, [sent.id]) == {sent.id: State.RETURNED}
    assert (await town.has(LI), await town.has(WANG)) == (100_00, 100_00)
    assert await town.bridges() == [0, 0, 0, 0]
    assert [(one.reason, one.back) for one in town.ear.returns] == [
        (Result.PAYEE_FROZEN if flag is AccountFlag.FROZEN else Result.PAYEE_CLOSED, sent.debit)
    ]
    with psycopg.connect(town.owner_dsn) as connection:
        row = connection.execute("SELECT names, kind FROM transfers WHERE id = %s", (sent.undo,)).fetchone()
    assert row == (sent.id, 11)
    assert town.found_wrong() == []


async def test_what_can_neither_arrive_nor_come_back_is_held_in_suspense(town: Town):
    sent = town.crossing(LI, WANG, 30_00)
    await town.begin(sent)
    await town.flag(WANG, AccountFlag.CLOSED)
    await town.flag(LI, AccountFlag.FROZEN)
    assert await town.crossings.finish(LI, [sent.id]) == {sent.id: State.RETURNED}
    assert (await town.has(LI), await town.has(LI, SystemAccount.SUSPENSE)) == (70_00, 30_00)
    assert [one.back for one in town.ear.returns] == [SystemAccount.SUSPENSE]
    assert town.found_wrong() == []


async def test_a_refusal_is_for_good_although_the_account_is_released_meanwhile(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    """The process dies between the refused second step and the undoing; then the account is released."""
    await town.flag(WANG, AccountFlag.FROZEN)
    sent = town.crossing(LI, WANG, 30_00)
    await town.begin(sent)

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(town.crossings), "_settle", die)
        with pytest.raises(KeyboardInterrupt):
            await town.crossings.finish(LI, [sent.id])
    with psycopg.connect(town.owner_dsn) as connection:
        connection.execute("SELECT ledger_flag(1::smallint, 1001, 0, 2)")
    await town.crossings.finish_open()
    assert await town.states(sent) == [State.RETURNED]
    assert (await town.has(LI), await town.has(WANG)) == (100_00, 100_00)


async def test_what_was_not_committed_never_arrives(town: Town):
    sent = town.crossing(LI, WANG, 30_00)
    async with town.database.connection() as connection, connection.transaction(force_rollback=True):
        await town.crossings.begin(connection, LI, [sent])
        assert await town.crossings.finish(LI, [sent.id]) == {}
    await town.crossings.finish_open()
    assert (await town.has(LI), await town.has(WANG)) == (100_00, 100_00)
    assert await town.bridges() == [0, 0, 0, 0]


async def test_a_refused_first_step_begins_nothing(town: Town):
    dear, cheap = town.crossing(LI, WANG, MONEY + 1), town.crossing(LI, ZHAO, 1)
    assert [one.result for one in await town.begin(dear, cheap)] == [Result.INSUFFICIENT_FUNDS, Result.POSTED]
    assert await town.states(dear, cheap) == [None, State.OPEN]
    again = await town.begin(dear, cheap)
    assert [one.result for one in again] == [Result.INSUFFICIENT_FUNDS, Result.ALREADY_POSTED]
    assert await town.bridges() == [1, 0, 0, 0]
    assert town.found_wrong() == []


async def test_two_processes_that_finish_at_once_finish_once(town: Town, app_dsn: str):
    sent = [town.crossing(LI, target, 1_00) for target in (WANG, ZHAO, WANG, ZHAO, WANG)]
    await town.flag(ZHAO, AccountFlag.CLOSED)
    await town.begin(*sent)
    async with open_database(app_dsn) as other:
        both = [town, Town(other, town.owner_dsn, Ids(SystemClock(), node=4), town.ear)]
        await asyncio.gather(*(one.crossings.finish_open() for one in both for _ in range(4)))
    assert (await town.has(LI), await town.has(WANG), await town.has(ZHAO)) == (97_00, 103_00, 100_00)
    assert sorted(town.ear.arrivals) == sorted(one.id for one in sent if one.target == WANG)
    assert len(town.ear.returns) == 2
    assert town.found_wrong() == []


async def test_a_crossing_that_nobody_can_write_down_stays_open_and_stops_no_other(town: Town):
    sent = [town.crossing(LI, WANG, 1_00) for _ in range(3)]
    await town.begin(*sent)
    town.ear = Ear(deaf_to=sent[1].id)
    await town.crossings.finish_open()
    assert await town.states(*sent) == [State.ARRIVED, State.OPEN, State.ARRIVED]
    assert await town.has(WANG) == 102_00
    assert town.found_wrong() == []
    town.ear.deaf_to = 0
    await town.crossings.finish_open()
    assert await town.has(WANG) == 103_00


async def test_a_thousand_take_as_many_statements_as_one(town: Town, monkeypatch: pytest.MonkeyPatch):
    counted: list[str] = []
    execute = psycopg.AsyncConnection.execute

    async def counting(connection: Any, statement: Any, *arguments: Any, **more: Any) -> Any:
        counted.append(str(statement).split()[0])
        return await execute(connection, statement, *arguments, **more)

    async def statements(how_many: int) -> int:
        sent = [town.crossing(LI, WANG if number % 2 else ZHAO, 1) for number in range(2 * how_many)]
        counted.clear()
        await town.begin(*sent)
        await town.crossings.finish_open()
        assert set(await town.states(*sent)) <= {State.ARRIVED, State.RETURNED}
        return len(counted)

    await town.flag(ZHAO, AccountFlag.CLOSED)
    monkeypatch.setattr(psycopg.AsyncConnection, "execute", counting)
    assert await statements(1) == await statements(250)


async def test_checks_name_what_does_not_agree(town: Town):
    arrived, lost, returned = (town.crossing(LI, target, 1_00) for target in (WANG, WANG, ZHAO))
    await town.flag(ZHAO, AccountFlag.CLOSED)
    await town.begin(arrived, lost, returned)
    await town.crossings.finish(LI, [arrived.id, returned.id])
    assert town.found_wrong() == []
    with psycopg.connect(town.owner_dsn) as connection:
        connection.execute("UPDATE crossings SET amount = 99 WHERE id = %s", (arrived.id,))
        connection.execute("UPDATE crossings SET state = 1 WHERE id = %s", (lost.id,))
        connection.execute("UPDATE crossings SET state = 0, reason = 0, back = 0 WHERE id = %s", (returned.id,))
    wrong = "\n".join(town.found_wrong())
    assert f"crossing {arrived.id} did not leave account 1000 with 99" in wrong
    assert f"crossing {lost.id} arrived in bucket 1, but the ledger there says otherwise" in wrong
    assert f"crossing {returned.id} (state 0) does not match what came back" in wrong
    assert f"transfer {arrived.id} came from the bridge without a crossing" in wrong
    assert "crossings.bridges the bridges hold 100, on its way is 100" not in wrong
    with psycopg.connect(town.owner_dsn) as connection:
        connection.execute("DELETE FROM crossings WHERE id = %s", (returned.id,))
    wrong = "\n".join(town.found_wrong())
    assert f"transfer {returned.id} went onto the bridge without a crossing" in wrong
    assert "crossings.bridges the bridges hold 10000, on its way is 0" not in wrong


async def test_application_cannot_change_what_a_crossing_says(town: Town, app_dsn: str):
    sent = town.crossing(LI, WANG, 1_00)
    await town.begin(sent)
    with psycopg.connect(app_dsn, autocommit=True) as connection:
        for attempt in ("UPDATE crossings SET amount = 1", "UPDATE crossings SET credit = 1", "DELETE FROM crossings"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(attempt)
