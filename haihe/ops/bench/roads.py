"""`haihe bench hot`, `growth` and `size`: what one busy organisation, many stored payments and one payment cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any, Final

import psycopg

from haihe.base.ids import first_id_at
from haihe.ops.access import Access
from haihe.ops.bench.pay import BUCKETS, CITIZENS, CONNECTIONS, WARM_UP_S, Build, load, made_road, running_server
from haihe.ops.bench.report import Baseline, Measured, machine, rounded
from haihe.ops.partitions import ensure_partitions

COMPANIES: Final = 100
ROUND_S: Final = 6
ROUNDS: Final = 3
STEADY_S: Final = 30
"""Until what is asked for again and again lies in memory, as it does in a city that has been running: keys of 20 days lie on many pages."""
SETTLE_S: Final = 3.0
"""After a load the readers of its batches (tallies, books, seal) get so long to catch up."""
FILL_AT_ONCE: Final = 1_000_000
FILL_DAYS: Final = 20


async def bench_hot(access: Access, say: Callable[[str], None], *, build: Build) -> Measured:
    """Have everybody pay one company, and a hundred companies, in turn; the figure is the ratio of the rates."""
    async with made_road(access, say, spread=COMPANIES) as road:
        rates: dict[str, list[float]] = {"many": [], "one": []}
        with running_server(build, road.context) as port:
            load(road.orders["many"], port, WARM_UP_S)
            for turn in range(ROUNDS):
                for place, name in enumerate(rates):
                    say(f"round {turn + 1}: paying {name} for {ROUND_S} s")
                    begin = CITIZENS * 20 * (turn * len(rates) + place + 1)
                    rates[name].append(_rate(load({**road.orders[name], "from": begin}, port, ROUND_S)))
    one, many = sum(rates["one"]), sum(rates["many"])
    conditions = machine() | {
        "connections": CONNECTIONS,
        "companies": COMPANIES,
        "rounds": ROUNDS,
        "seconds_each": ROUND_S,
        "one_company": [round(rate) for rate in rates["one"]],
        "many_companies": [round(rate) for rate in rates["many"]],
    }
    baseline = Baseline("many companies, payments/s", rounded(many / ROUNDS))
    return Measured("hot", rounded(one / many), "ratio", conditions, baseline)


async def bench_growth(access: Access, say: Callable[[str], None], *, build: Build, payments: int) -> Measured:
    """Pay into a city that is empty, then into one with so many payments stored; the figure is the ratio of the rates."""
    async with made_road(access, say) as road:
        before = _paying(build, road.context, road.orders["one"], say, start=CITIZENS * 20)
        began = perf_counter()
        say(f"storing {payments:,} payments")
        await asyncio.to_thread(fill, access.owner_dsn, payments, say)
        filled_s = round(perf_counter() - began)
        after = _paying(build, road.context, road.orders["one"], say, start=CITIZENS * 200)
    conditions = machine() | {
        "connections": CONNECTIONS,
        "stored": payments,
        "stored_in_s": filled_s,
        "gigabytes": round(_size(access.owner_dsn) / 1e9, 1),
        "empty": [round(rate) for rate in before],
        "full": [round(rate) for rate in after],
        "rows": "written directly, in the form and order of real ones",
    }
    ratio = sum(after) / sum(before)
    return Measured(
        "growth", rounded(ratio), "ratio", conditions, Baseline("empty, payments/s", rounded(sum(before) / ROUNDS))
    )


def _paying(
    build: Build, context: Any, order: Mapping[str, object], say: Callable[[str], None], *, start: int
) -> list[float]:
    with running_server(build, context) as port:
        say(f"warming up for {STEADY_S} s")
        load({**order, "from": start - CITIZENS * 10}, port, STEADY_S)
        rates = []
        for turn in range(ROUNDS):
            say(f"round {turn + 1}: paying for {ROUND_S} s")
            rates.append(_rate(load({**order, "from": start + CITIZENS * 20 * turn}, port, ROUND_S)))
    return rates


def _rate(answer: Mapping[str, Any]) -> float:
    paid: int = answer["statuses"].get("201", 0)
    return paid / float(answer["seconds"])


async def bench_size(access: Access, say: Callable[[str], None], *, build: Build) -> Measured:
    """Pay for a while as riders do, and see by how many bytes the database has grown, everything counted, for each payment."""
    async with made_road(access, say) as road:
        with running_server(build, road.context) as port:
            load(road.orders["one"], port, WARM_UP_S)
            await asyncio.sleep(SETTLE_S)
            before = _sizes(access.owner_dsn)
            paid = 0
            for turn in range(ROUNDS * 2):
                say(f"round {turn + 1}: paying for {ROUND_S} s")
                answer = load({**road.orders["one"], "from": CITIZENS * 20 * (turn + 1)}, port, ROUND_S)
                paid += answer["statuses"].get("201", 0)
            await asyncio.sleep(SETTLE_S)
            after = _sizes(access.owner_dsn)
    grown = {name: (size - before.get(name, 0)) / paid for name, size in after.items()}
    conditions = machine() | {
        "payments": paid,
        "connections": CONNECTIONS,
        "bytes_each": {
            name: round(size, 1) for name, size in sorted(grown.items(), key=lambda one: -one[1]) if size >= 1
        },
    }
    return Measured("size", rounded(sum(grown.values())), "bytes/payment", conditions, None)


def _sizes(owner_dsn: str) -> dict[str, int]:
    """Measure every table with its indexes, partitions together."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("VACUUM accounts, heads")
        return dict(
            connection.execute(
                """
                SELECT coalesce(i.inhparent::regclass::text, c.oid::regclass::text), sum(pg_total_relation_size(c.oid))::bigint
                FROM pg_class c
                LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
                WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
                GROUP BY 1
                """
            ).fetchall()
        )


def _size(owner_dsn: str) -> int:
    with psycopg.connect(owner_dsn) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def fill(owner_dsn: str, payments: int, say: Callable[[str], None]) -> None:
    """Store payments of the last weeks directly, with transfers, keys, rides and batches, in the order of their ids.

    They belong to citizens and buses that exist, and lie in partitions of their time, below every id of the running city. The chain
    of hashes and the sums of accounts do not know of them: a city filled like this is for measuring only.
    """
    now = datetime.now(UTC)
    start = now - timedelta(days=FILL_DAYS)
    for day in range(FILL_DAYS):
        ensure_partitions(owner_dsn, start + timedelta(days=day))
    first, last = first_id_at(start), first_id_at(now - timedelta(hours=1))
    step = max(16, (last - first) // payments // 16 * 16)
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        for done in range(0, payments, FILL_AT_ONCE):
            span = {
                "start": first,
                "step": step,
                "from": done,
                "until": min(done + FILL_AT_ONCE, payments),
                "buckets": BUCKETS,
            }
            for statement in _FILL:
                connection.execute(statement, span)
            say(f"{min(done + FILL_AT_ONCE, payments):,} stored")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


_ROWS: Final = """
FROM generate_series(%(from)s::bigint, %(until)s::bigint - 1) AS n
CROSS JOIN LATERAL (SELECT %(start)s::bigint / 16 * 16 + n * %(step)s AS id, (n %% %(buckets)s)::smallint AS bucket) i
"""
_FILL: Final = tuple(
    (statement + _ROWS).encode()
    for statement in (
        """
        INSERT INTO transfers (bucket, id, debit, credit, amount, payment, names, batch, effective, posted, previous_debit, previous_credit,
            place, kind, currency, phase, risk)
        SELECT bucket, id, hashint8(n)::bigint + 10000000000, 20000000000 + n % 500, 200, id, 0, -n, now(), now(), id - 160, 0, 1 + n % 16, 1, 156, 0, 4
        """.replace(" % ", " %% "),
        """
        INSERT INTO payments (bucket, id, payer, payee, amount, balance, batch, point, service, names, content, paid_at, kind, channel, status, currency)
        SELECT bucket, id, hashint8(n)::bigint + 10000000000, 20000000000 + n % 500, 200, 99800, -n, n % 5000, n % 500, 0, hashint8(n + 1), now(), 1, 1, 0, 156
        """.replace(" % ", " %% "),
        """
        INSERT INTO payment_keys (bucket, key, payment)
        SELECT bucket, hashint8extended(n, 7), id
        """,
        """
        INSERT INTO rides (bucket, payment, vehicle, line, fare, service_day, companion)
        SELECT bucket, id, n % 5000, n % 500, 200, now()::date, false
        """.replace(" % ", " %% "),
    )
)
