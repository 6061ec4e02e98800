"""A counter's words: a terminal, what was taken at it, where its reading stands, and what a wrong visitor is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, Protocol

from haihe.base.database import Connection
from haihe.base.errors import Refusal
from haihe.base.i18n import N_

DRIVER: Final = "driver"
"""The kind of terminal that stands beside a driver; its point is the vehicle."""
VALIDATOR: Final = "validator"
"""The kind of terminal at the door of a vehicle, before which passengers hold their payment codes."""


class Face(Enum):
    """How a kind of terminal looks and what can be done at it."""

    SCREEN = "screen"
    """Shows what was paid; nobody types anything."""
    TILL = "till"
    """A cashier types an amount and reads the payer's payment code."""
    VALIDATOR = "validator"
    """Payers hold their payment codes before it; the sector knows the price."""


class TerminalUnknown(Refusal):
    """There is no such terminal."""

    code = "terminal_unknown"
    status = 404
    text = N_("There is no such screen.")


class TerminalNotPaired(Refusal):
    """The browser was not paired with this terminal, or another pairing has replaced its own."""

    code = "terminal_not_paired"
    status = 403
    text = N_("This screen is not paired. Open it with the link from your office.")


@dataclass(frozen=True, slots=True)
class NewTerminal:
    """A terminal to be there: its organisation, its kind, what it stands at."""

    organisation: int
    kind: str
    point: int


@dataclass(frozen=True, slots=True)
class Terminal:
    """A screen at a point; only tokens of its present `pairing` open it."""

    id: int
    organisation: int
    kind: str
    point: int
    pairing: int
    shift_from: datetime


@dataclass(frozen=True, slots=True)
class Counter:
    """A kind of terminal: its face, what it tells, and the kind of thing that is paid at it ("bus", "shop")."""

    face: Face
    board: Board
    trade: str


@dataclass(frozen=True, slots=True)
class Taken:
    """One payment taken at a point, as a driver may see it; `amount` in fen, `rider` the payer's id."""

    payment: int
    bucket: int
    batch: int
    at: datetime
    amount: int
    rider: int
    companion: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a screen, in the driver's language: "Line 17", "Bus 津A·04082", where it goes."""

    line: str
    point: str
    where: str = ""


class Board(Protocol):
    """What a sector tells about a point. `number` is the sector's number in payment rows."""

    @property
    def number(self) -> int:
        """Give the sector's number."""
        ...

    def heading(self, point: int, language: str) -> Heading:
        """Name the point."""
        ...

    async def newest(self, connection: Connection, point: int, buckets: Sequence[int], *, limit: int) -> list[Taken]:
        """Read what was taken last, newest first."""
        ...

    async def after(
        self, connection: Connection, point: int, cursor: Mapping[int, int], *, since: int, limit: int
    ) -> list[Taken]:
        """Read what was taken in later batches than the cursor's, in order, at most `limit`; payments from id `since` on."""
        ...

    async def count(self, connection: Connection, point: int, buckets: Sequence[int], *, since: int) -> int:
        """Count what was taken from payment id `since` on."""
        ...
