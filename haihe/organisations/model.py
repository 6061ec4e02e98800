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
    TAKE_PAYMENTS = auto()
    SERVE_CITIZENS = auto()
    GIVE_REFUNDS = auto()
    MANAGE_STAFF = auto()
    APPROVE_STAFF = auto()
    SEE_APPROVALS = auto()
    SEE_LOOKS = auto()
    SEE_AUDIT = auto()
    SEE_CITY = auto()
    TRY_FAULTS = auto()


class Role(StrEnum):
    """What a member of staff is."""

    MANAGER = "manager"
    ACCOUNTANT = "accountant"
    DRIVER = "driver"
    CASHIER = "cashier"
    CLERK = "clerk"
    CITY_OFFICER = "city_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.MANAGER: frozenset(
        {
            Right.SEE_OPERATIONS,
            Right.SEE_MONEY,
            Right.PRINT_STICKERS,
            Right.CHANGE_CATALOGUE,
            Right.TAKE_PAYMENTS,
            Right.GIVE_REFUNDS,
            Right.APPROVE_STAFF,
            Right.SEE_APPROVALS,
            Right.SEE_LOOKS,
            Right.TRY_FAULTS,
        }
    ),
    Role.ACCOUNTANT: frozenset({Right.SEE_OPERATIONS, Right.SEE_MONEY, Right.GIVE_REFUNDS, Right.SEE_APPROVALS}),
    Role.DRIVER: frozenset({Right.SEE_OPERATIONS, Right.TAKE_PAYMENTS}),
    Role.CASHIER: frozenset({Right.TAKE_PAYMENTS}),
    Role.CLERK: frozenset({Right.SERVE_CITIZENS, Right.SEE_APPROVALS}),
    Role.CITY_OFFICER: frozenset({Right.SEE_CITY, Right.SEE_OPERATIONS}),
    Role.AUDITOR: frozenset(
        {Right.SEE_MONEY, Right.SEE_OPERATIONS, Right.SEE_APPROVALS, Right.SEE_LOOKS, Right.SEE_AUDIT}
    ),
    Role.ADMINISTRATOR: frozenset(
        {Right.MANAGE_STAFF, Right.APPROVE_STAFF, Right.SEE_APPROVALS, Right.SEE_LOOKS, Right.SEE_AUDIT}
    ),
}
"""Who may do what: the whole table; the console shows it at /console/rights."""

PLAIN_ROLES: Final = frozenset({Role.DRIVER, Role.CASHIER, Role.CLERK})
"""Roles that an administrator gives alone; every other one needs a second person."""
FACTOR_ROLES: Final = frozenset({Role.MANAGER, Role.ACCOUNTANT, Role.ADMINISTRATOR, Role.CITY_OFFICER})
"""Roles that move money or prices or manage staff: they need a second factor where the organisation requires one."""

ROLE_NAMES: Final[Mapping[Role, str]] = {
    Role.MANAGER: N_("Manager"),
    Role.ACCOUNTANT: N_("Accountant"),
    Role.DRIVER: N_("Driver"),
    Role.CASHIER: N_("Cashier"),
    Role.CLERK: N_("Clerk"),
    Role.CITY_OFFICER: N_("City officer"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
RIGHT_NAMES: Final[Mapping[Right, str]] = {
    Right.SEE_OPERATIONS: N_("See the day: rides, bills, visits"),
    Right.SEE_MONEY: N_("See money: payments, books, settlements"),
    Right.PRINT_STICKERS: N_("Print stickers"),
    Right.CHANGE_CATALOGUE: N_("Change prices, issue bills, pair screens"),
    Right.TAKE_PAYMENTS: N_("Take payments"),
    Right.SERVE_CITIZENS: N_("Serve citizens at the counter"),
    Right.GIVE_REFUNDS: N_("Give refunds, decide on a colleague's"),
    Right.MANAGE_STAFF: N_("Manage staff"),
    Right.APPROVE_STAFF: N_("Decide on a colleague's change of staff"),
    Right.SEE_APPROVALS: N_("See what needs a second person"),
    Right.SEE_LOOKS: N_("See who opened whose record"),
    Right.SEE_AUDIT: N_("See the audit log"),
    Right.SEE_CITY: N_("See the whole city in figures"),
    Right.TRY_FAULTS: N_("Pull the plug (city office)"),
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
class StaffCard:
    """A member of staff as an administrator sees them: also who was disabled; `signed_in_at` is None for never.

    A `is_temporary` password has to be changed at the first sign-in.
    """

    member: StaffMember
    is_active: bool
    is_temporary: bool
    has_factor: bool
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class StaffSignedIn:
    """A member of staff proved who they are; `token` is the value of the console's cookie.

    Where `needs_code`, it is only the password that was proved: `token` then serves for the second step alone.
    """

    member: StaffMember
    token: str
    expires_at: datetime
    needs_code: bool = False
