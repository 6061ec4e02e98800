"""What moved a citizen's money, newest first: the statement of the wallet and those of the purses, merged.

Every account is walked by itself from its newest transfer back (it is a chain); the legs of one posting are one movement. A cursor
says where each account's walk goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from haihe.base.ids import ID_MAX, LEGS_MAX
from haihe.ledger import store as ledger_store
from haihe.ledger.model import TransferKind
from haihe.payments.errors import CursorInvalid
from haihe.wallet.purses import store as purse_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from haihe.base.database import Connection
    from haihe.ledger.store import StatementRow
    from haihe.wallet.sending.model import Told
    from haihe.web.guards import Viewer

WALLET: Final = 0
"""Stands in a cursor where purses have the number of their scheme."""
_DIGITS_MAX: Final = len(str(ID_MAX))


@dataclass(frozen=True, slots=True)
class Movement:
    """A posting as a citizen sees it: fen over wallet and purses, minus when money left; `payment` 0 if it was none."""

    id: int
    payment: int
    kind: int
    amount: int
    effective: datetime


class Teller(Protocol):
    """Tells movements between citizens, which are no payments: by posting, or by the transfer that took one back."""

    async def tell(
        self, *, citizen: int, bucket: int, crossed: Sequence[int], undone: Sequence[int], lang: str
    ) -> Mapping[int, Told]:
        """Give title, icon and address of each that it knows."""
        ...


async def tell(teller: Teller | None, viewer: Viewer, movements: Sequence[Movement], lang: str) -> Mapping[int, Told]:
    """Have the teller tell what moved between citizens; a page without such movements asks nothing."""
    crossed = [one.id for one in movements if one.kind == TransferKind.CROSSING]
    undone = [one.id for one in movements if one.kind == TransferKind.REVERSAL]
    if teller is None or not (crossed or undone):
        return {}
    return await teller.tell(citizen=viewer.person, bucket=viewer.bucket, crossed=crossed, undone=undone, lang=lang)


async def read_movements(
    connection: Connection, bucket: int, citizen: int, *, limit: int, cursor: str | None
) -> tuple[list[Movement], str | None]:
    """Read a page in three statements: movements, newest first, and the cursor of the next page. Raises `CursorInvalid`."""
    accounts = {WALLET: citizen} | await purse_store.purse_accounts(connection, bucket, citizen)
    if cursor is None:
        starts = await ledger_store.newest_transfers(connection, bucket, list(accounts.values()))
    else:
        starts = read_cursor(cursor, accounts)
    walks = await ledger_store.statement(connection, bucket, starts, limit=limit)
    if cursor is not None and not walks:
        raise CursorInvalid
    movements, rest = merge(walks, limit)
    numbers = {account: scheme for scheme, account in accounts.items()}
    going_on = sorted((numbers[account], start) for account, start in rest.items())
    return movements, ".".join(f"{scheme}-{start}" for scheme, start in going_on) or None


def read_cursor(cursor: str, accounts: Mapping[int, int]) -> dict[int, int]:
    """Read a cursor, pairs of scheme and transfer: where the walk of each account goes on. Raises `CursorInvalid`."""
    starts: dict[int, int] = {}
    for pair in cursor.split("."):
        scheme, _, start = pair.partition("-")
        account = accounts.get(_number(scheme))
        if account is None or account in starts:
            raise CursorInvalid
        starts[account] = _number(start)
    return starts


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX and int(text) <= ID_MAX):
        raise CursorInvalid
    return int(text)


def merge(walks: Mapping[int, Sequence[StatementRow]], limit: int) -> tuple[list[Movement], dict[int, int]]:
    """Merge the walks of one bucket's accounts by posting, newest first; say from which transfer each walk goes on.

    It stops where a walk was cut: what comes next in it is not known. A posting touches an account at most once, so a walk of
    `limit` transfers is enough for a page of `limit` movements.
    """
    read = dict.fromkeys(walks, 0)
    movements: list[Movement] = []
    while len(movements) < limit and not any(_is_cut(walk, read[account]) for account, walk in walks.items()):
        heads = {account: walk[read[account]] for account, walk in walks.items() if read[account] < len(walk)}
        if not heads:
            break
        newest = max(heads.values(), key=lambda row: (row.batch, row.place))
        legs = {account: row for account, row in heads.items() if _posting(row) == _posting(newest)}
        for account in legs:
            read[account] += 1
        movements.append(_movement(legs))
    going_on = {account: _next(walk, read[account]) for account, walk in walks.items()}
    return movements, {account: start for account, start in going_on.items() if start}


def _is_cut(walk: Sequence[StatementRow], read: int) -> bool:
    return read == len(walk) and walk[-1].before != 0


def _posting(row: StatementRow) -> int:
    return row.id // LEGS_MAX


def _next(walk: Sequence[StatementRow], read: int) -> int:
    """Say from which transfer a walk goes on, 0 if it has ended."""
    return walk[read].id if read < len(walk) else walk[-1].before


def _movement(legs: Mapping[int, StatementRow]) -> Movement:
    """Sum up what a posting did to a citizen's accounts."""
    first = min(legs.values(), key=lambda row: row.id)
    amount = sum(row.amount if row.credit == account else -row.amount for account, row in legs.items())
    return Movement(first.id, first.payment, first.kind, amount, first.effective)
