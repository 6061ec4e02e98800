"""Organisations' words: an organisation, a member of staff, a role and what it may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Final

from haihe.base.i18n import LANGUAGES, N_, SOURCE_LANGUAGE


class Right(Enum):
    """Something that staff may be allowed to do, always in their own organisation."""

    SEE_OPERATIONS = auto()
    SEE_MONEY = auto()
    PRINT_STICKERS = auto()
    CHANGE_CATALOGUE = auto()
    MANAGE_STAFF = auto()
    TAKE_PAYMENTS = auto()
    GIVE_REFUNDS = auto()
    SEE_CITY = auto()


class Role(StrEnum):
    """What a member of staff is."""

    MANAGER = "manager"
    ACCOUNTANT = "accountant"
    DRIVER = "driver"
    CASHIER = "cashier"
    CITY_OFFICER = "city_officer"
    AUDITOR = "auditor"


RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.MANAGER: frozenset(
        {
            Right.SEE_OPERATIONS,
            Right.SEE_MONEY,
            Right.PRINT_STICKERS,
            Right.CHANGE_CATALOGUE,
            Right.MANAGE_STAFF,
            Right.TAKE_PAYMENTS,
            Right.GIVE_REFUNDS,
        }
    ),
    Role.ACCOUNTANT: frozenset({Right.SEE_OPERATIONS, Right.SEE_MONEY, Right.GIVE_REFUNDS}),
    Role.DRIVER: frozenset({Right.SEE_OPERATIONS, Right.TAKE_PAYMENTS}),
    Role.CASHIER: frozenset({Right.TAKE_PAYMENTS}),
    Role.CITY_OFFICER: frozenset({Right.SEE_CITY, Right.SEE_OPERATIONS}),
    Role.AUDITOR: frozenset({Right.SEE_MONEY, Right.SEE_OPERATIONS}),
}
"""Who may do what: the whole table."""

ROLE_NAMES: Final[Mapping[Role, str]] = {
    Role.MANAGER: N_("Manager"),
    Role.ACCOUNTANT: N_("Accountant"),
    Role.DRIVER: N_("Driver"),
    Role.CASHIER: N_("Cashier"),
    Role.CITY_OFFICER: N_("City officer"),
    Role.AUDITOR: N_("Auditor"),
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that is paid: `key` never changes, `names` by language, `category` is the merchant code (ISO 18245)."""

    id: int
    key: str
    names: Mapping[str, str]
    kind: str
    category: int

    def name(self, language: str) -> str:
        """Give the name in a language, else in English, else in whichever exists."""
        return name_in(self.names, language)


def name_in(names: Mapping[str, str], language: str) -> str:
    """Choose a name by language: the wish, English, then the city's languages in order, then any."""
    for wish in (language, SOURCE_LANGUAGE, *LANGUAGES):
        if names.get(wish):
            return names[wish]
    return next(iter(names.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundingOrganisation:
    """An organisation to be there: made, or brought up to date, by its key."""

    key: str
    names: Mapping[str, str]
    kind: str
    category: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundingStaff:
    """A member of staff to be there, by login; an existing one is left as is. `organisation` is its id."""

    organisation: int
    login: str
    name: str
    role: Role
    password: str = field(repr=False)
    language: str = SOURCE_LANGUAGE


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A member of staff."""

    id: int
    organisation: int
    login: str
    name: str
    role: Role
    language: str


@dataclass(frozen=True, slots=True)
class StaffSignedIn:
    """A member of staff proved who they are; `token` is the value of the console's cookie."""

    member: StaffMember
    token: str
    expires_at: datetime
