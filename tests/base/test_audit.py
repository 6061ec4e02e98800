from __future__ import annotations

import psycopg
import pytest

from haihe.base import audit
from haihe.base.audit import Actor, Audit, Deed
from haihe.base.clock import SystemClock
from haihe.base.database import Database, TryAgain
from haihe.base.errors import Refusal


class NotToday(Refusal):
    code = "not_today"
    status = 422
    text = "Not today."


def deed(action: str, *, subject: int = 7) -> Deed:
    return Deed(action=action, actor=Actor.STAFF, actor_id=3, organisation=5, subject=subject, details={"amount": 1})


async def test_deeds_are_numbered_without_gaps_and_found_by_subject_and_organisation(database_pool: Database):
    log = Audit(database_pool, SystemClock())
    async with database_pool.connection() as connection, connection.transaction(force_rollback=True):
        await audit.write(connection, [deed("undone")], at=log.clock.now())
    await log.note(deed("first"))
    async with database_pool.transaction() as connection:
        assert await audit.write(connection, [deed("second"), deed("third", subject=8)], at=log.clock.now()) == 3
    async with database_pool.connection() as connection:
        about = await audit.about(connection, 7, before=10, limit=10)
        within = await audit.within(connection, 5, before=3, limit=10)
    assert [(one.number, one.deed) for one in about] == [(2, deed("second")), (1, deed("first"))]
    assert [one.number for one in within] == [2, 1]


async def test_refused_attempt_is_noted_with_its_code_and_a_city_that_is_away_with_nothing(database_pool: Database):
    log = Audit(database_pool, SystemClock())
    with pytest.raises(NotToday):
        async with log.attempt(deed("tried")):
            raise NotToday
    with pytest.raises(TryAgain):
        async with log.attempt(deed("tried")):
            raise TryAgain
    async with log.attempt(deed("tried")):
        pass
    async with database_pool.connection() as connection:
        (only,) = await audit.about(connection, 7, before=10, limit=10)
    assert (only.deed.action, only.deed.outcome) == ("tried", "not_today")


async def test_nobody_but_the_function_writes_the_log(database_pool: Database):
    await Audit(database_pool, SystemClock()).note(deed("first"))
    for statement in (
        "UPDATE audit SET outcome = 'done'",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT * FROM audit",
        "UPDATE audit_head SET number = 0",
    ):
        async with database_pool.connection() as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(statement)
