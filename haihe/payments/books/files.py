"""Statements and the trial balance as files: CSV by RFC 4180, UTF-8 with a header, streamed.

Every amount stands twice, in whole fen and in yuan with a point and two decimals, so that no program has to guess. Times are the
city's, with their offset. Texts that a table program would take for a formula begin with an apostrophe.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final

from haihe.base.clock import CITY_ZONE
from haihe.base.money import YUAN_FEN
from haihe.ledger.statements.model import Account, Line, Period, StatementPage, Sums, TrialBalance
from haihe.ledger.statements.service import Statements
from haihe.payments.books.words import Reader

MEDIA_TYPE: Final = "text/csv; header=present"
"""The web framework adds the character set."""
COLUMNS: Final = (
    "entry",
    "posted",
    "effective",
    "kind",
    "counterparty",
    "payment",
    "posting",
    "transfer",
    "bucket",
    "batch",
    "place",
    "debit_fen",
    "credit_fen",
    "balance_fen",
    "debit_yuan",
    "credit_yuan",
    "balance_yuan",
)
TRIAL_COLUMNS: Final = (
    "account_kind",
    "bucket",
    "lines",
    "debits_fen",
    "credits_fen",
    "balance_fen",
    "debits_yuan",
    "credits_yuan",
    "balance_yuan",
)
END: Final = "\r\n"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_QUOTED: Final = frozenset(',"\r\n')


async def statement_file(
    statements: Statements, account: Account, period: Period, page: StatementPage, reader: Reader
) -> AsyncIterator[str]:
    """Write a statement: the opening balance, every line in order, the closing balance; a file without its last line is not whole."""
    yield row(COLUMNS)
    yield _balance("opening", period.since, Sums(), page.opening.balance)
    balance = page.opening.balance
    async for lines in statements.lines(account, period, page.marks):
        written: list[str] = []
        for line in lines:
            balance += line.change
            written.append(_line(line, balance, reader))
        yield "".join(written)
    yield _balance("closing", period.until, page.turnover, balance)


def _line(line: Line, balance: int, reader: Reader) -> str:
    return row(
        (
            "line",
            moment(line.posted),
            moment(line.effective),
            text(reader.transfer(line.kind)),
            text(reader.account(line.other, line.other_kind, line.other_owner)),
            line.payment or "",
            line.posting,
            line.id,
            line.bucket,
            line.batch,
            line.place,
            line.debit,
            line.credit,
            balance,
            *(yuan(fen) for fen in (line.debit, line.credit, balance)),
        )
    )


def _balance(entry: str, at: datetime, turnover: Sums, balance: int) -> str:
    """Write the first or last line; the last one also says what the debits and credits of the period add up to."""
    amounts = (turnover.debits, turnover.credits, balance)
    return row((entry, moment(at), *("" for _ in COLUMNS[2:11]), *amounts, *(yuan(fen) for fen in amounts)))


def trial_file(trial: TrialBalance, reader: Reader) -> str:
    """Write the trial balance: every kind of account in every bucket, each bucket's sum, and the city's."""
    lines = [row(TRIAL_COLUMNS)]
    for bucket in trial.buckets:
        of_bucket = TrialBalance(trial.at, [one for one in trial.standings if one.bucket == bucket], trial.marks)
        lines += [_sums(reader.kind(kind), bucket, sums) for kind, sums in of_bucket.kinds().items()]
        lines.append(_sums("total", bucket, of_bucket.total))
    lines += [_sums(reader.kind(kind), "all", sums) for kind, sums in trial.kinds().items()]
    return "".join([*lines, _sums("total", "all", trial.total)])


def _sums(name: str, bucket: int | str, sums: Sums) -> str:
    amounts = (sums.debits, sums.credits, sums.balance)
    return row((text(name), bucket, sums.lines, *amounts, *(yuan(fen) for fen in amounts)))


def row(values: Iterable[object]) -> str:
    """Write one line, its values quoted where they must be."""
    return ",".join(_quoted(str(value)) for value in values) + END


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if _QUOTED & set(value) else value


def text(value: str) -> str:
    """Make a text harmless that a table program would compute."""
    return "'" + value if value.startswith(_FORMULA) else value


def yuan(fen: int) -> str:
    """Write fen as yuan: -12.50."""
    whole, rest = divmod(abs(fen), YUAN_FEN)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02}"


def moment(at: datetime) -> str:
    """Write a moment in the city's time, with its offset."""
    return at.astimezone(CITY_ZONE).isoformat(timespec="microseconds")


def attached(name: str) -> dict[str, str]:
    """Give the headers of a file to keep."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
