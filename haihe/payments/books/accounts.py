"""Which books a member of staff may open, and under which names they stand in addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base.i18n import N_, translate
from haihe.ledger.model import AccountKind, SystemAccount
from haihe.ledger.statements.model import Book
from haihe.organisations.model import name_in
from haihe.payments.books.words import KINDS
from haihe.payments.service import Payments
from haihe.web.guards import Staff
from haihe.web.problem import NotAllowed, NotFound

CITY: Final = "city"
"""The kind of organisation whose accountants keep the city's books."""
TILL: Final = "till"
CONTROL: Final = (AccountKind.WALLET, AccountKind.PURSE)
"""Kinds whose accounts are shown together only: each of them is a person's."""


@dataclass(frozen=True, slots=True)
class OpenBook:
    """A book that somebody may open; `name` stands in its address, `title` is translated."""

    name: str
    title: str
    book: Book
    group: str


def is_city(staff: Staff, payments: Payments) -> bool:
    """Tell whether somebody keeps the books of the whole city."""
    return payments.organisations.by_id(staff.organisation).kind == CITY


def insist_city(staff: Staff, payments: Payments) -> None:
    """Raise `NotAllowed` unless somebody keeps the books of the whole city."""
    if not is_city(staff, payments):
        raise NotAllowed


def open_books(staff: Staff, payments: Payments, lang: str) -> Sequence[OpenBook]:
    """Give all books that a member of staff may open: the own till and funds; the city's office also the city's accounts and all funds."""
    of_city = is_city(staff, payments)
    organisation = payments.organisations.by_id(staff.organisation)
    till = OpenBook(
        TILL,
        translate(lang, N_("Till of {name}"), name=organisation.name(lang)),
        Book(organisation.id),
        N_("Own accounts"),
    )
    funds = [
        OpenBook(f"fund-{fund.id}", name_in(fund.names, lang), Book(fund.id), N_("Sponsors' funds"))
        for fund in payments.purses.directory.funds.values()
        if of_city or fund.organisation == staff.organisation
    ]
    return [till, *(_of_the_city(lang) if of_city else ()), *funds]


def _of_the_city(lang: str) -> list[OpenBook]:
    system = [
        OpenBook(one.name.lower().replace("_", "-"), _system(one, lang), Book(one), N_("The city's accounts"))
        for one in SystemAccount
    ]
    control = [
        OpenBook(f"all-{kind.name.lower()}s", translate(lang, KINDS[kind]), Book(-kind), N_("Control accounts"))
        for kind in CONTROL
    ]
    return [*system, *control]


def _system(account: SystemAccount, lang: str) -> str:
    if account is SystemAccount.CITY_FUNDS:
        return translate(lang, N_("The city's own funds"))
    return translate(lang, KINDS[AccountKind[account.name]])


def open_book(name: str, staff: Staff, payments: Payments, lang: str) -> OpenBook:
    """Find a book by the name in its address. Raises `NotFound`, also for one that belongs to others."""
    found = next((one for one in open_books(staff, payments, lang) if one.name == name), None)
    if found is None:
        raise NotFound
    return found
