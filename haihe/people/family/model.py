"""The words of families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, IntFlag
from typing import Final

CHILD_YEARS: Final = 18
"""Below this age a person is a child (Civil Code, Art. 17)."""
GUARDIANS_MAX: Final = 2
CHILDREN_MAX: Final = 10
TIES_MAX: Final = 20
"""Relatives and helpers of one person, invitations included."""
INVITATION_LIFETIME: Final = timedelta(days=14)
CODE_LIFETIME: Final = timedelta(minutes=10)
MANDATE_DAYS_MAX: Final = 366
MANDATE_FEN_MAX: Final = 10_000_00
"""Most that a mandate may allow a month."""
FOREVER: Final = date(9999, 12, 31)


class Role(IntEnum):
    """What the member of a tie is to its owner."""

    GUARDIAN = 1
    """Looks after a child: tops up, sees, caps, freezes."""
    RELATIVE = 2
    """May pay the owner's bills with own money, without seeing what is in them."""
    HELPER = 3
    """Acts for the owner by a mandate, within its rights."""


class State(IntEnum):
    """How a tie stands. Ties are never deleted."""

    INVITED = 0
    LINKED = 1
    DECLINED = 2
    """The invited did not want it."""
    ENDED = 3
    """Taken back or ended by either."""


class Right(IntFlag):
    """What a helper may do."""

    PAY_BILLS = 1
    """Pay the owner's bills from the owner's wallet, up to the mandate's amount a month."""
    SEE_BALANCE = 2
    TOP_UP = 4
    """Put own money into the owner's wallet."""


NO_RIGHTS: Final = Right(0)
ROLE_WORDS: Final = {Role.GUARDIAN: "guardian", Role.RELATIVE: "relative", Role.HELPER: "helper"}
"""How the API, news and deeds say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a tie allows: a relative's `kinds` of dues; a helper's `rights`, fen of bills a month, and last day."""

    kinds: tuple[int, ...] = ()
    rights: Right = NO_RIGHTS
    month_max: int = 0
    until: date = FOREVER


@dataclass(frozen=True, slots=True)
class Tie:
    """One person tied to another, as stored."""

    id: int
    role: Role
    state: State
    owner: int
    member: int
    inviter: int
    terms: Terms
    invited_at: datetime
    answer_by: datetime
    linked_at: datetime | None

    @property
    def invited(self) -> int:
        """Who is asked: a second guardian, a relative or a helper is the member."""
        return self.member

    def holds(self, today: date) -> bool:
        """Tell whether it allows anything on a day."""
        return self.state is State.LINKED and today <= self.terms.until


@dataclass(frozen=True, slots=True)
class SeenTie:
    """A tie as one of the two sees it; both names masked, but for a child's to its guardians."""

    tie: Tie
    owner: str
    member: str


@dataclass(frozen=True, slots=True)
class Family:
    """Everything that ties a person to others."""

    children: Sequence[SeenTie]
    """Whose guardian the person is."""
    guardians: Sequence[SeenTie]
    """Of the person, where that is a child; and second guardians of the person's children who were asked."""
    mine: Sequence[SeenTie]
    """Who helps the person or was asked to."""
    others: Sequence[SeenTie]
    """Whom the person helps."""
    invitations: Sequence[SeenTie]
    """What the person was asked and has not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Somebody wants to tie a person, known by phone number, to `owner` (the inviter, or the inviter's child).

    `expects` is the masked name that the inviter has confirmed; empty where nobody was asked.
    """

    inviter: int
    owner: int
    role: Role
    phone: str = field(repr=False)
    terms: Terms = Terms()
    passcode: str = field(default="", repr=False)
    expects: str = ""


@dataclass(frozen=True, slots=True)
class Invitee:
    """Who has a phone number, as the inviter sees it before confirming."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class NewChild:
    """What a guardian types to register a child."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Pairing:
    """A code with which a child signs in on a phone of its own, until it ends."""

    code: str = field(repr=False)
    expires_at: datetime
