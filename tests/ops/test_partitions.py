"""Partitions are there before ids need them, however long the city runs; old keys go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg
import pytest

from haihe.base.clock import TurnableClock
from haihe.base.ids import Ids
from haihe.ops.partitions import DAILY, MONTHLY, days, ensure_partitions, months


@pytest.mark.parametrize(
    "moment", ["2026-12-31T23:59:59+00:00", "2028-02-29T12:00:00+00:00", "2026-11-22T00:00:00+00:00"]
)
def test_spans_join_without_a_gap(moment: str) -> None:
    for spans in (list(months(datetime.fromisoformat(moment))), list(days(datetime.fromisoformat(moment)))):
        assert spans[0].start <= datetime.fromisoformat(moment) < spans[0].end
        assert all(one.end == following.start for one, following in pairwise(spans))


def test_the_second_time_makes_nothing(owner_dsn: str) -> None:
    assert ensure_partitions(owner_dsn, datetime.now(UTC)) == []


def test_ids_of_every_day_of_a_year_find_their_partition(owner_dsn: str) -> None:
    clock = TurnableClock(datetime.now(UTC))
    ids = Ids(clock, node=1)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        for _ in range(52):
            clock.turn(timedelta(days=7))
            ensure_partitions(owner_dsn, clock.now())
            connection.execute("INSERT INTO payment_keys (bucket, key, payment) VALUES (0, 1, %s)", (ids.next(),))
        kept = connection.execute("SELECT count(*) FROM payment_keys").fetchone()
    assert kept is not None
    assert 4 <= kept[0] <= 5


def test_every_hot_table_is_kept(owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        rows = connection.execute("SELECT relname FROM pg_class WHERE relkind = 'p'").fetchall()
    assert {name for (name,) in rows} == {*MONTHLY, *DAILY}
