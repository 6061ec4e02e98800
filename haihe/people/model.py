"""People's words: a citizen, a registration, a code that was asked for, someone who signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Final

from haihe.base.i18n import N_, SOURCE_LANGUAGE, translate
from haihe.base.vault import mask_id_number, mask_name, mask_phone

CODE_DIGITS: Final = 6
ERASED_NAME: Final = "***"
"""Stands for the name of somebody who was erased, where there is no room for words."""
SESSION_LIFETIME: Final = timedelta(days=90)


class CitizenClass(IntEnum):
    """Class of the account by number of identity checks (central bank announcement 43/2015): it decides what may be spent."""

    I = 1  # noqa: E741 - the announcement's own names
    II = 2
    III = 3


class Purpose(IntEnum):
    """For what a one-time code was asked; a code for one purpose never serves another."""

    SIGN_IN = 1
    REGISTER = 2
    COUNTER = 9
    """To show a clerk of a service counter that one has the phone."""
    RELEASE = 3
    """Of the own wallet that was frozen."""
    PASSCODE = 4
    """To choose another passcode for a forgotten one."""
    ERASE = 7
    """Everything that is held about oneself."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """A registered person, decrypted: handle with care, never log."""

    id: int
    bucket: int
    citizen_class: CitizenClass
    language: str
    has_passcode: bool
    registered_at: datetime
    birth_date: date
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    phone: str = field(repr=False)
    is_erased: bool = False
    """Whether this person's data was destroyed: name, numbers and date of birth say nothing then."""
    display: str = ""
    """How the person wants to see the city (web/display.py)."""

    @property
    def masked_name(self) -> str:
        """The name as others may see it: 张*; of an erased person nothing is left of it."""
        return mask_name(self.name) if self.name else ERASED_NAME

    def name_for_others(self, lang: str) -> str:
        """Give the masked name, or say in a language that this person was erased."""
        return translate(lang, N_("Erased person")) if self.is_erased else self.masked_name

    @property
    def masked_id_number(self) -> str:
        """The ID number as a screen may show it: 12**************17."""
        return mask_id_number(self.id_number)

    @property
    def masked_phone(self) -> str:
        """The phone number as a screen may show it: 138****8000."""
        return mask_phone(self.phone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a person types to register."""

    name: str
    id_number: str
    phone: str
    code: str
    passcode: str
    language: str = SOURCE_LANGUAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundingCitizen:
    """A citizen of whom the city knew before it was opened: checked elsewhere, with a class of its own."""

    name: str
    id_number: str
    phone: str
    citizen_class: CitizenClass = CitizenClass.I
    language: str = SOURCE_LANGUAGE
    passcode: str | None = None


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """A code is on its way: how long it holds, when the next may be asked; `shown` has it in a demo, else it is empty."""

    expires_s: int
    resend_s: int
    shown: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Someone proved who they are; `token` is the bearer token and the value of the session cookie."""

    citizen: Citizen
    token: str
    expires_at: datetime
    device: str = ""
    """What the browser keeps to be known again; "" for a program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRules:
    """What an installation may set: whether codes are shown on the page (a demo only), and how long a session holds."""

    codes_shown: bool = False
    session_lifetime: timedelta = SESSION_LIFETIME
    code_lifetime: timedelta = timedelta(minutes=5)
    code_resend: timedelta = timedelta(seconds=30)
