"""The statements' words: accounts, lines in their order, sums, filters, pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final, NamedTuple

from haihe.base.ids import LEGS_MAX
from haihe.ledger.model import AccountKind, TransferKind

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
END: Final = datetime(9999, 1, 1, tzinfo=UTC)
PLACE_MAX: Final = 2**31 - 1
BATCH_MAX: Final = 2**63 - 1


class Position(NamedTuple):
    """A place in one bucket's order: batches are posted one after the other, and a batch has its transfers in places."""

    posted: datetime
    batch: int = 0
    place: int = 0


class Key(NamedTuple):
    """A place in the order of all buckets together; it agrees with every bucket's own."""

    posted: datetime
    bucket: int
    batch: int
    place: int

    def position_in(self, bucket: int) -> Position:
        """Give the position before which, in a bucket, exactly those lines stand whose key is smaller."""
        if bucket == self.bucket:
            return Position(self.posted, self.batch, self.place)
        return Position(self.posted, BATCH_MAX, PLACE_MAX) if bucket < self.bucket else Position(self.posted)

    def after(self) -> Key:
        """Give the key that only this one and smaller ones are smaller than."""
        return self._replace(place=self.place + 1)

    def before(self) -> Key:
        """Give the key after which this one and larger ones stand."""
        return self._replace(place=self.place - 1)


@dataclass(frozen=True, slots=True)
class Book:
    """An account with books: one that is not chained, over all buckets; or, as -kind, the control account of a kind's chained ones."""

    account: int


@dataclass(frozen=True, slots=True)
class Walk:
    """A chained account, which lives in one bucket."""

    account: int
    bucket: int


Account = Book | Walk


@dataclass(frozen=True, slots=True)
class Sums:
    """How many lines, and their debits and credits in minor units."""

    lines: int = 0
    debits: int = 0
    credits: int = 0

    @property
    def balance(self) -> int:
        """What the debits leave of the credits."""
        return self.credits - self.debits

    def __add__(self, other: Sums) -> Sums:
        """Add up two sums."""
        return Sums(self.lines + other.lines, self.debits + other.debits, self.credits + other.credits)

    def __sub__(self, other: Sums) -> Sums:
        """Say what came after another, earlier sum."""
        return Sums(self.lines - other.lines, self.debits - other.debits, self.credits - other.credits)


class Direction(Enum):
    """Which side of the account a line stands on."""

    DEBIT = "debit"
    """Money left."""
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One transfer as a statement shows it; `debit` and `credit` are what it did to the account, in minor units.

    Both are set where a control account paid itself (one wallet to another). `other` is the account at the other end, with its kind and owner.
    """

    bucket: int
    batch: int
    place: int
    id: int
    kind: TransferKind
    payment: int
    names: int
    effective: datetime
    posted: datetime
    debit: int
    credit: int
    other: int
    other_kind: AccountKind
    other_owner: int

    @property
    def key(self) -> Key:
        """Its place among all lines."""
        return Key(self.posted, self.bucket, self.batch, self.place)

    @property
    def posting(self) -> int:
        """The posting that it is a leg of."""
        return self.id - self.id % LEGS_MAX

    @property
    def amount(self) -> int:
        """What was moved, in minor units."""
        return self.debit or self.credit

    @property
    def change(self) -> int:
        """What it did to the balance, in minor units."""
        return self.credit - self.debit


@dataclass(frozen=True, slots=True)
class Period:
    """The posted times of a statement: `since` belongs to it, `until` does not."""

    since: datetime = BEGINNING
    until: datetime = END


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which lines are shown; what is None or 0 does not matter. Amounts in minor units.

    `counterparty` is the kind of the other account. `number` is a posting's or payment's id: its own legs, and what refers to it.
    """

    kind: TransferKind | None = None
    direction: Direction | None = None
    amount_min: int | None = None
    amount_max: int | None = None
    counterparty: AccountKind | None = None
    number: int = 0

    def admits(self, line: Line) -> bool:
        """Tell whether a line is shown."""
        return (
            self.kind in (None, line.kind)
            and (self.direction is None or (line.debit if self.direction is Direction.DEBIT else line.credit) > 0)
            and (self.amount_min is None or line.amount >= self.amount_min)
            and (self.amount_max is None or line.amount <= self.amount_max)
            and self.counterparty in (None, line.other_kind)
            and (not self.number or self.number in (line.payment, line.posting))
        )


EVERYTHING: Final = Filter()


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a page begins: beyond `key`, towards older or newer lines, as the books stood at `marks` (the newest batch by bucket)."""

    key: Key
    marks: Mapping[int, int]
    to_newer: bool = False


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A page of a statement, newest line first.

    `opening` and `closing` are the sums of everything before the period and before its end, whatever is filtered. `balances` are those
    after each line, empty where lines are left out by a filter. `older` and `newer` lead to the neighbouring pages, None at the ends;
    a page whose filter found little within its limit of work may be short, or empty, and still lead on.
    """

    opening: Sums
    closing: Sums
    lines: Sequence[Line]
    balances: Sequence[int]
    older: Turn | None
    newer: Turn | None
    marks: Mapping[int, int]

    @property
    def turnover(self) -> Sums:
        """The sums of the period."""
        return self.closing - self.opening


@dataclass(frozen=True, slots=True)
class BookStanding:
    """What one book of one bucket had summed up to at a moment; `batch` is the newest that it contains, 0 none."""

    bucket: int
    account: int
    kind: AccountKind
    sums: Sums
    batch: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All books of the city at a moment."""

    at: datetime
    standings: Sequence[BookStanding]
    marks: Mapping[int, int]
    """Up to which batch each bucket is contained."""

    @property
    def total(self) -> Sums:
        """Everything together: debits equal credits."""
        return added(one.sums for one in self.standings)

    @property
    def buckets(self) -> list[int]:
        """The buckets of the city."""
        return sorted(self.marks)

    def of_bucket(self, bucket: int) -> Sums:
        """Sum up a bucket: by itself, too, debits equal credits."""
        return added(one.sums for one in self.standings if one.bucket == bucket)

    def kinds(self) -> dict[AccountKind, Sums]:
        """Sum up by kind of account, in the order of the chart of accounts."""
        found = sorted({one.kind for one in self.standings})
        return {kind: added(one.sums for one in self.standings if one.kind is kind) for kind in found}

    @property
    def debit_balances(self) -> int:
        """What the kinds with a debit balance have, as a positive amount; the credit balances are as much."""
        return -sum(min(0, sums.balance) for sums in self.kinds().values())

    @property
    def credit_balances(self) -> int:
        """What the kinds with a credit balance have."""
        return sum(max(0, sums.balance) for sums in self.kinds().values())

    def balance(self, kind: AccountKind, bucket: int) -> int:
        """Give what the accounts of a kind have together in a bucket, in minor units."""
        return added(one.sums for one in self.standings if one.kind is kind and one.bucket == bucket).balance


def added(sums: Iterable[Sums]) -> Sums:
    """Add up."""
    return sum(sums, Sums())
