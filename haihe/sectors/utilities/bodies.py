"""What a bill says: the body that is stored with its due, and how it is told to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import msgspec

from haihe.base.i18n import N_, day, money, month, number, translate
from haihe.catalogue.prices import Item
from haihe.catalogue.service import Catalogue
from haihe.payments.dues.model import Due
from haihe.payments.model import Description
from haihe.sectors.utilities.model import UNITS
from haihe.sectors.utilities.rules import WHOLE

MONTH_CHARACTERS: Final = len("2026-10")
TEXT_ITEM: Final = N_("{quantity:number} {unit} × {price:money}")
TEXT_FREE: Final = N_("{quantity:number} {unit} free")
TEXT_READING: Final = N_("{value:number} on {day:day}")


class BillBody(msgspec.Struct, frozen=True, kw_only=True):
    """A bill's words: the customer number, the lines that make up the amount, and for meters the two readings."""

    number: str
    items: tuple[Item, ...]
    read_from: date | None = None
    read_to: date | None = None
    value_from: int = 0
    value_to: int = 0


def write_body(body: BillBody) -> Mapping[str, object]:
    """Write a body as a due keeps it."""
    written: Mapping[str, object] = msgspec.to_builtins(body)
    return written


def read_body(due: Due) -> BillBody:
    """Read a due's body."""
    return msgspec.convert(due.body, BillBody)


@dataclass(frozen=True)
class Teller:
    """Tells bills; service names come from the catalogue's memory."""

    catalogue: Catalogue

    def tell(self, due: Due, lang: str) -> Description:
        """Tell a bill in a language: service and period, and every line of it."""
        body = read_body(due)
        details = (
            (translate(lang, N_("Customer number")), body.number),
            *_readings(body, lang),
            *(_line(item, lang) for item in body.items),
            (translate(lang, N_("To be paid until")), day(due.due_on, lang)),
        )
        return Description(self.name(due, lang), self.catalogue.by_id(due.service).icon, details)

    def name(self, due: Due, lang: str) -> str:
        """Name a bill by service and period."""
        return f"{self.catalogue.by_id(due.service).name(lang)} · {period_name(due.period, lang)}"


def period_name(period: str, lang: str) -> str:
    """Name a period for people: a month by its name, a season as it is written, 2026-2027."""
    if len(period) != MONTH_CHARACTERS:
        return period.replace("-", "–")
    return month(date.fromisoformat(f"{period}-01"), lang)


def quantity(milli: int, lang: str) -> str:
    """Write thousandths of a unit as a number."""
    return number(milli / WHOLE, lang)


def _line(item: Item, lang: str) -> tuple[str, str]:
    if not item.unit:
        return translate(lang, N_("Monthly fee")), money(item.amount, lang)
    values: dict[str, Any] = {
        "quantity": item.quantity_milli / WHOLE,
        "unit": translate(lang, UNITS.get(item.unit, item.unit)),
        "price": item.price,
    }
    return translate(lang, TEXT_ITEM if item.price else TEXT_FREE, **values), money(item.amount, lang)


def _readings(body: BillBody, lang: str) -> tuple[tuple[str, str], ...]:
    if body.read_from is None or body.read_to is None:
        return ()
    return (
        (
            translate(lang, N_("Reading before")),
            translate(lang, TEXT_READING, value=body.value_from / WHOLE, day=body.read_from),
        ),
        (
            translate(lang, N_("Reading now")),
            translate(lang, TEXT_READING, value=body.value_to / WHOLE, day=body.read_to),
        ),
    )
