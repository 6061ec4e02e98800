"""Dues' words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.payments.model import Description


class DueStatus(IntEnum):
    """What became of a due."""

    OPEN = 0
    PAID = 1
    WITHDRAWN = 2


class DueUnknown(Refusal):
    """There is no such due, or it is none of the viewer's."""

    code = "due_unknown"
    status = 404
    text = N_("There is no such bill here.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDue:
    """Something to be owed.

    `subject` is whom or what it is about (a meter, a pupil, a patient), `period` what it is for: at most one
    living due of a kind has the same subject and period. `amount` in fen; `body` the sector's own words as JSON;
    `service` of the catalogue, 0 none; after `expires_at` it cannot be paid any more.
    """

    organisation: int
    subject: int
    period: str
    amount: int
    due_on: date
    body: Mapping[str, object] = field(default_factory=dict)
    service: int = 0
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A due as it is stored; never changed but for its end: paid or withdrawn."""

    id: int
    kind: int
    organisation: int
    subject: int
    service: int
    period: str
    amount: int
    status: DueStatus
    issued_at: datetime
    due_on: date
    expires_at: datetime | None
    payment: int
    payer: int
    settled_at: datetime | None
    body: Mapping[str, object]

    def is_payable(self, now: datetime) -> bool:
        """Tell whether it can be paid now."""
        return self.status is DueStatus.OPEN and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Issued:
    """What issuing came to: the dues in order of the wish, new or there already, and how many are new."""

    dues: Sequence[Due]
    fresh: int


@dataclass(frozen=True, slots=True)
class Owed:
    """A due as its payer reads it: `code` leads to its page (`/s/{code}`). `owner` is whose it is, masked; "" one's own."""

    due: Due
    code: str
    payee: str
    description: Description
    is_late: bool
    owner: str = ""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What an organisation charged, was paid, has open, and withdrew, in numbers and fen."""

    charged: int = 0
    charged_amount: int = 0
    paid: int = 0
    paid_amount: int = 0
    open: int = 0
    open_amount: int = 0
    withdrawn: int = 0
    withdrawn_amount: int = 0
