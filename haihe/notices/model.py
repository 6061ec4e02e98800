"""Notices' words: what somebody was told, and how somebody wants to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from haihe.base.i18n import N_

KEPT_FOR: Final = timedelta(days=365)
"""After a year a notice is forgotten, and the news that it came of."""


class Group(IntEnum):
    """Notices that somebody chooses about together."""

    SECURITY = 1
    MONEY = 2
    FAMILY = 3
    CITY = 4


GROUP_NAMES: Final[Mapping[Group, str]] = {
    Group.SECURITY: N_("Safety of your wallet"),
    Group.MONEY: N_("Money in and out"),
    Group.FAMILY: N_("Family"),
    Group.CITY: N_("Your account"),
}
GROUP_HINTS: Final[Mapping[Group, str]] = {
    Group.SECURITY: N_("New devices, passcode, freezing, who looked at your data"),
    Group.MONEY: N_("Top-ups, withdrawals, money from others, statements"),
    Group.FAMILY: N_("Invitations, caps, bills that a relative paid"),
    Group.CITY: N_("Account class, registration"),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A notice as it is kept: `kind` and `body` of the news, no text."""

    id: int
    bucket: int
    number: int
    citizen: int
    kind: str
    body: Mapping[str, Any]
    at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is read, in one language; `href` is empty where nothing can be opened."""

    id: int
    kind: str
    icon: str
    title: str
    text: str
    href: str
    at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """How somebody is told of a group besides the inbox: at once on the open page, by short message."""

    group: Group
    live: bool = True
    sms: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether it cannot be switched off: what protects the wallet is always told."""
        return self.group is Group.SECURITY


@dataclass(frozen=True, slots=True)
class Text:
    """A short message that is to be sent."""

    bucket: int
    number: int
    tries: int
    notice: Stored
