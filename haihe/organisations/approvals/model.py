"""Words of what needs a second person."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

import msgspec

from haihe.base.database import Connection
from haihe.base.i18n import N_
from haihe.organisations.model import Right

LIFETIME: Final = timedelta(days=7)
"""So long something waits for its decision."""

Content = Mapping[str, Any]
Done = Callable[[], None]


class Status(IntEnum):
    """What became of it."""

    OPEN = 0
    APPROVED = 1
    REFUSED = 2
    WITHDRAWN = 3
    EXPIRED = 4


STATUS_NAMES: Final[Mapping[Status, str]] = {
    Status.OPEN: N_("Waits for a second person"),
    Status.APPROVED: N_("Approved"),
    Status.REFUSED: N_("Refused"),
    Status.WITHDRAWN: N_("Withdrawn"),
    Status.EXPIRED: N_("Expired"),
}


@dataclass(frozen=True, slots=True)
class Approval:
    """Something asked for: `content` is JSON written in one way, `digest` its hash together with kind and organisation."""

    id: int
    organisation: int
    asked_by: int
    decided_by: int
    asked_at: datetime
    expires_at: datetime
    decided_at: datetime
    status: Status
    kind: str
    content: str
    digest: bytes

    def status_at(self, now: datetime) -> Status:
        """Tell what became of it by a moment."""
        return Status.EXPIRED if self.status is Status.OPEN and self.expires_at <= now else self.status

    def read(self) -> dict[str, Any]:
        """Give the content."""
        found: dict[str, Any] = msgspec.json.decode(self.content)
        return found

    @property
    def is_whole(self) -> bool:
        """Tell whether the content is the one that was asked for."""
        return digest_of(self.organisation, self.kind, self.content) == self.digest


@dataclass(frozen=True, slots=True)
class Change:
    """A line of what would change, in the reader's language: what, how it is, how it would be."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Kind:
    """A kind of change that needs two people.

    `show` tells in a language what would change; `apply` makes it, in the transaction of the decision, and may give what is to be
    done after the commit; a refusal leaves everything undecided. Decider and asker need the rights.
    """

    name: str
    title: str
    icon: str
    asks: Right
    decides: Right
    show: Callable[[Approval, str], Awaitable[Sequence[Change]]]
    apply: Callable[[Connection, Approval, int], Awaitable[Done | None]]


def written(content: Content) -> str:
    """Write a content in the one way that counts."""
    return msgspec.json.encode(content, order="sorted").decode()


def digest_of(organisation: int, kind: str, content: str) -> bytes:
    """Hash what is asked for."""
    return hashlib.sha256(f"{organisation}\n{kind}\n{content}".encode()).digest()
