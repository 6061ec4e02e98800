"""All SQL about closed days and settlements. Every statement about the ledger names its bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from haihe.base.database import Connection, one
from haihe.settlement.model import FeePosting, Figures, Settlement

LOCK: Final = 0x7365_7474
"""Advisory lock of whoever settles or plans payouts ("sett" in ASCII); it ends with the transaction."""
LONG_STATEMENT: Final = "10min"
"""A large day is gone through in one statement."""
SETTLED_FROM: Final = "settled from"

_COLUMNS: Final = (
    "organisation, day, lines, gross, refunded, fee, basis_points, is_paid_out, file_hash, previous_hash, hash, made_at"
)

_INSERT_SHARES: Final = """
INSERT INTO settlement_shares (bucket, organisation, day, moves, gross, refunded)
SELECT %(bucket)s, m.till, %(day)s, count(*), sum(m.gross), sum(m.refunded)
FROM settlement_moves(%(bucket)s::smallint, %(day)s::date) m
GROUP BY m.till
RETURNING organisation, moves, gross, refunded
"""

_FIRST_DAY: Final = """
SELECT coalesce(
    (SELECT max(day) + 1 FROM settled_days),
    (SELECT min(booking_day) FROM batches WHERE number = 1))
"""

_SET_FEES: Final = """
UPDATE settlement_shares s
SET fee = f.fee,
    fee_posting = f.posting
FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::bigint[]) AS f(organisation, bucket, fee, posting)
WHERE s.organisation = f.organisation AND s.bucket = f.bucket AND s.day = %s
"""

# An organisation's statements form a chain; the newest one before a day is what the day's refers to.
_NEWEST: Final = """
SELECT DISTINCT ON (organisation) organisation, hash
FROM settlements
WHERE day < %s
ORDER BY organisation, day DESC
"""

_INSERT: Final = f"""
INSERT INTO settlements ({_COLUMNS})
SELECT o, %s, l, g, r, f, b, %s, fh, ph, h, %s
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::integer[], %s::bytea[], %s::bytea[], %s::bytea[])
    AS s(o, l, g, r, f, b, fh, ph, h)
"""  # noqa: S608 - a constant list of columns

_OF_ORGANISATION: Final = f"""
SELECT {_COLUMNS}
FROM settlements
WHERE organisation = %s AND day < %s
ORDER BY day DESC
LIMIT %s
"""  # noqa: S608

_ONE: Final = f"SELECT {_COLUMNS} FROM settlements WHERE organisation = %s AND day = %s"  # noqa: S608

_OF_DAY: Final = f"SELECT {_COLUMNS} FROM settlements WHERE day = %s ORDER BY gross DESC, organisation"  # noqa: S608

_FEES_OF: Final = """
SELECT bucket, fee, fee_posting
FROM settlement_shares
WHERE organisation = %s AND day = %s AND fee > 0
ORDER BY bucket
"""

_OPEN_FEES: Final = """
SELECT organisation, day, fee, fee_posting
FROM settlement_shares
WHERE bucket = %s AND fee > 0 AND NOT fee_posted
ORDER BY day, organisation
LIMIT %s
FOR UPDATE
"""

_FEES_POSTED: Final = """
UPDATE settlement_shares
SET fee_posted = true
WHERE bucket = %s AND fee_posting = ANY(%s)
"""

# What closed days moved, a line of the file each; whole numbers, times and words of ours alone, so that no field needs quotes.
_LINES: Final = """
COPY (
    SELECT m.till, concat_ws(',',
        CASE WHEN m.payment = 0 THEN m.posting ELSE m.payment END,
        to_char(m.effective AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS.MS') || '+08:00',
        to_char(m.effective AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'),
        to_char(m.booking_day, 'YYYY-MM-DD'),
        CASE WHEN m.refunded > 0 THEN 'refund' ELSE 'payment' END,
        coalesce(p.kind, 0), coalesce(p.point, 0), coalesce(p.service, 0),
        CASE WHEN m.refunded > 0 THEN coalesce(p.names, 0) ELSE 0 END,
        m.gross, m.refunded, 0, %(bucket)s, m.batch, m.place)
    FROM settlement_moves(%(bucket)s::smallint, %(day)s::date) m
    LEFT JOIN payments p ON p.bucket = %(bucket)s AND p.id = m.payment
    WHERE %(organisation)s = 0 OR m.till = %(organisation)s
    ORDER BY m.till, m.batch, m.place
) TO STDOUT
"""


async def hold(connection: Connection) -> None:
    """Be the only one who settles or plans, until the transaction ends; large days may take their time."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    await be_patient(connection)


async def be_patient(connection: Connection) -> None:
    """Let the transaction's statements go through a large day."""
    await connection.execute(f"SET LOCAL statement_timeout = '{LONG_STATEMENT}'")


async def close_day(connection: Connection, bucket: int, day: date, *, now: datetime, founding: bool = False) -> int:
    """Close a booking day of a bucket, if it is not; give the day's last batch."""
    cursor = await connection.execute("SELECT ledger_close_day(%s::smallint, %s, %s, %s)", (bucket, day, now, founding))
    return int(one(await cursor.fetchone())[0])


async def first_open_day(connection: Connection) -> date | None:
    """Give the first day that is not settled; None where nothing was ever booked."""
    day: date | None = one(await (await connection.execute(_FIRST_DAY)).fetchone())[0]
    return day


async def is_settled(connection: Connection, day: date) -> bool:
    """Tell whether everything of a day is written down."""
    cursor = await connection.execute("SELECT 1 FROM settled_days WHERE day = %s", (day,))
    return await cursor.fetchone() is not None


async def mark_settled(connection: Connection, day: date, now: datetime) -> None:
    """Write down that everything of a day is written down."""
    await connection.execute("INSERT INTO settled_days (day, made_at) VALUES (%s, %s)", (day, now))


async def settled_from(connection: Connection) -> date:
    """Give the first day that is paid out: all days, unless a founding has set it."""
    cursor = await connection.execute("SELECT value FROM city WHERE name = %s", (SETTLED_FROM,))
    row = await cursor.fetchone()
    return date.fromisoformat(row[0]) if row else date.min


async def set_settled_from(connection: Connection, day: date) -> None:
    """Write down the first day that is paid out; the first word holds."""
    await connection.execute(
        "INSERT INTO city (name, value) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", (SETTLED_FROM, day.isoformat())
    )


async def put_shares(connection: Connection, bucket: int, day: date) -> dict[int, Figures]:
    """Compute and store what every organisation's till moved in a bucket on a closed day; give it by organisation."""
    cursor = await connection.execute(_INSERT_SHARES, {"bucket": bucket, "day": day})
    return {row[0]: Figures(*map(int, row[1:])) for row in await cursor.fetchall()}


async def set_fees(connection: Connection, day: date, fees: Mapping[int, Sequence[FeePosting]]) -> None:
    """Store which bucket bears how much of each organisation's fee, and under which posting."""
    flat = [(organisation, fee) for organisation, parts in fees.items() for fee in parts]
    await connection.execute(
        _SET_FEES,
        (
            [organisation for organisation, _ in flat],
            [fee.bucket for _, fee in flat],
            [fee.amount for _, fee in flat],
            [fee.posting for _, fee in flat],
            day,
        ),
    )


async def newest_hashes(connection: Connection, day: date) -> dict[int, bytes]:
    """Give the hash of each organisation's newest statement before a day."""
    return dict(await (await connection.execute(_NEWEST, (day,))).fetchall())


async def insert(connection: Connection, settlements: Sequence[Settlement]) -> None:
    """Store the settlements of one day."""
    if not settlements:
        return
    first = settlements[0]
    await connection.execute(
        _INSERT,
        (
            first.day,
            first.is_paid_out,
            first.made_at,
            [each.organisation for each in settlements],
            [each.lines for each in settlements],
            [each.gross for each in settlements],
            [each.refunded for each in settlements],
            [each.fee for each in settlements],
            [each.basis_points for each in settlements],
            [each.file_hash for each in settlements],
            [each.previous_hash for each in settlements],
            [each.hash for each in settlements],
        ),
    )


async def of_organisation(connection: Connection, organisation: int, *, before: date, limit: int) -> list[Settlement]:
    """Read an organisation's settlements before a day, newest first."""
    cursor = await connection.execute(_OF_ORGANISATION, (organisation, before, limit))
    return [_settlement(row) for row in await cursor.fetchall()]


async def of_day(connection: Connection, day: date) -> list[Settlement]:
    """Read all settlements of a day, the largest first."""
    return [_settlement(row) for row in await (await connection.execute(_OF_DAY, (day,))).fetchall()]


async def settlement(connection: Connection, organisation: int, day: date) -> Settlement | None:
    """Read one settlement."""
    row = await (await connection.execute(_ONE, (organisation, day))).fetchone()
    return _settlement(row) if row else None


async def settled_days(connection: Connection, *, limit: int) -> list[date]:
    """Give the days that are settled, newest first."""
    cursor = await connection.execute("SELECT day FROM settled_days ORDER BY day DESC LIMIT %s", (limit,))
    return [row[0] for row in await cursor.fetchall()]


async def fees_of(connection: Connection, organisation: int, day: date) -> list[FeePosting]:
    """Read which bucket bears how much of a day's fee."""
    cursor = await connection.execute(_FEES_OF, (organisation, day))
    return [FeePosting(bucket=row[0], amount=row[1], posting=row[2]) for row in await cursor.fetchall()]


async def open_fees(connection: Connection, bucket: int, *, limit: int) -> list[tuple[int, date, int, int]]:
    """Give the fees of a bucket that are not posted yet, and hold them: organisation, day, fen, posting."""
    return [
        (row[0], row[1], row[2], row[3])
        for row in await (await connection.execute(_OPEN_FEES, (bucket, limit))).fetchall()
    ]


async def mark_fees_posted(connection: Connection, bucket: int, postings: Sequence[int]) -> None:
    """Write down which fees were posted."""
    await connection.execute(_FEES_POSTED, (bucket, list(postings)))


def lines_query() -> str:
    """Give the COPY statement for the lines of a bucket and day; its parameters are bucket, day and organisation (0 all)."""
    return _LINES


def _settlement(row: tuple[object, ...]) -> Settlement:
    return Settlement(**dict(zip(_COLUMNS.split(", "), row, strict=True)))  # type: ignore[arg-type]
