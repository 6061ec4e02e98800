"""The three languages of the city: which one a person gets, and how texts, money and times read in it.

English is the language of the code: a msgid is an English sentence. The other two are read once from
`locales/<language>/LC_MESSAGES/messages.po`; nothing is compiled and nothing is committed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_symbol,
)
from babel.support import NullTranslations, Translations

from haihe.base.clock import CITY_ZONE
from haihe.base.money import CURRENCY, YUAN_FEN

if TYPE_CHECKING:
    from haihe.base.errors import Translate

LANGUAGES: Final[Mapping[str, str]] = {"zh": "中文", "en": "English", "ru": "Русский"}
"""Codes of the languages with the names that their speakers give them."""
SOURCE_LANGUAGE: Final = "en"
"""The language of msgids, and the one for a person of whom nothing is known."""
LOCALES: Final = Path(__file__).parents[2] / "locales"

_MINUS: Final = "\N{MINUS SIGN}"
_YUAN_SIGN: Final = "¥"
_CLDR_NAMES: Final[Mapping[str, str]] = {"zh": "zh_Hans_CN", "en": "en", "ru": "ru"}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for this marker
    """Mark a msgid that is kept in data or in a class and translated later."""
    return text


def translate(lang: str, text: str, **values: object) -> str:
    """Say a msgid in a language, with its {placeholders} filled.

    A placeholder may name how its value is written: `{amount:money}` (fen), `{count:number}`, `{at:clock}`,
    `{at:moment}`, `{at:day}` (all in `FORMATS`).
    """
    return _Filler(lang).vformat(catalogue(lang).gettext(text), (), values) if text else ""


def translate_plural(lang: str, one: str, many: str, /, *, count: int, **values: object) -> str:
    """Say a counted msgid in a language: `{count}` is filled with the number, the form follows the language's rule."""
    return _Filler(lang).vformat(catalogue(lang).ngettext(one, many, count), (), {"count": count, **values})


def translator(lang: str) -> Translate:
    """Give `translate` bound to one language, as `Refusal.message` wants it."""
    return partial(translate, lang)


def choose_language(*wishes: str | None, accept: str = "") -> str:
    """Choose a language: the first wish that we speak, else the browser's preference, else English.

    `accept` is an Accept-Language header; only the first two letters of its tags count, so that zh-Hans-CN and zh-TW are
    both Chinese.
    """
    for wish in (*wishes, *_preferences(accept)):
        if wish is not None and wish in LANGUAGES:
            return wish
    return SOURCE_LANGUAGE


def _preferences(accept: str) -> list[str]:
    weighted: list[tuple[float, str]] = []
    for item in accept.split(","):
        tag, _, weight = item.partition(";")
        number = weight.strip().removeprefix("q=")
        quality = float(number) if number.replace(".", "", 1).isdecimal() and number.isascii() else 1.0
        weighted.append((quality, tag.strip()[:2].lower()))
    return [tag for quality, tag in sorted(weighted, key=lambda pair: -pair[0]) if quality > 0]


@cache
def catalogue(lang: str) -> NullTranslations:
    """Load the translations of a language, in memory, once; English needs none."""
    if lang == SOURCE_LANGUAGE:
        return NullTranslations()
    with (LOCALES / lang / "LC_MESSAGES" / "messages.po").open("rb") as file:
        texts = read_po(file, locale=_CLDR_NAMES[lang])
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return Translations(compiled)


@cache
def _locale(lang: str) -> Locale:
    return Locale.parse(_CLDR_NAMES[lang])


def money(fen: int, lang: str) -> str:
    """Write an amount of fen: ¥1,284.60, in Russian 1 284,60 ¥; a true minus sign where it is negative."""
    locale = _locale(lang)
    text = format_currency(Decimal(fen) / YUAN_FEN, CURRENCY, locale=locale)
    return text.replace(get_currency_symbol(CURRENCY, locale), _YUAN_SIGN).replace("-", _MINUS)


def signed_money(fen: int, lang: str) -> str:
    """Write an amount of fen with its direction: +¥300.00 came in, −¥2.00 went out."""
    return ("+" if fen > 0 else "") + money(fen, lang)


def number(value: float, lang: str) -> str:
    """Write a number with the language's separators."""
    return str(format_decimal(value, locale=_locale(lang))).replace("-", _MINUS)


def compact(value: float, lang: str) -> str:
    """Write a large number short: 412.9K, 41.3万, 412,9 тыс."""
    return str(format_compact_decimal(value, locale=_locale(lang), fraction_digits=1)).replace("-", _MINUS)


def percent(share: float, lang: str) -> str:
    """Write a share (0.42) in per cent with at most one decimal."""
    locale = _locale(lang)
    pattern = locale.percent_formats[None].pattern.replace("#,##0", "#,##0.#")
    return str(format_percent(share, pattern, locale=locale)).replace("-", _MINUS)


def day(value: date | datetime, lang: str) -> str:
    """Write a day short: Nov 22, 11月22日, 22 нояб. A moment falls on its day in the city."""
    return str(format_skeleton("MMMd", _in_city(value), locale=_locale(lang)))


def long_day(value: date | datetime, lang: str) -> str:
    """Write a day in full, with its weekday and year."""
    return str(format_date(_in_city(value), "full", locale=_locale(lang)))


def month(value: date | datetime, lang: str) -> str:
    """Write a month with its year: October 2026, 2026年10月, октябрь 2026 г."""
    return str(format_skeleton("yMMMM", _in_city(value), locale=_locale(lang)))


def clock(value: datetime, lang: str) -> str:  # noqa: ARG001 - one shape for all formats
    """Write the time of day in the city: 17:05."""
    return value.astimezone(CITY_ZONE).strftime("%H:%M")


def short_moment(value: datetime, lang: str) -> str:
    """Write day and time of day short, for lists."""
    return _locale_pair(lang).format(clock(value, lang), day(value, lang))


def moment(value: datetime, lang: str) -> str:
    """Write a point in time in full, to the second, in the city's time."""
    local = value.astimezone(CITY_ZONE)
    return _locale_pair(lang).format(f"{local:%H:%M:%S}", format_date(local, "medium", locale=_locale(lang)))


def _locale_pair(lang: str) -> str:
    """Give CLDR's way to put a date {1} before a time {0}."""
    return str(_locale(lang).datetime_formats["medium"])


def _in_city(value: date | datetime) -> date:
    return value.astimezone(CITY_ZONE) if isinstance(value, datetime) else value


FORMATS: Final[Mapping[str, Callable[[Any, str], str]]] = {
    "money": money,
    "signed_money": signed_money,
    "number": number,
    "compact": compact,
    "percent": percent,
    "day": day,
    "long_day": long_day,
    "month": month,
    "clock": clock,
    "moment": moment,
    "short_moment": short_moment,
}
"""The formats by name: filters of the templates, and what may stand after the colon of a placeholder."""


class _Filler(Formatter):
    """Fills placeholders the way one language writes values (the standard library's own hook for it)."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        write = FORMATS.get(format_spec)
        return write(value, self.lang) if write else str(super().format_field(value, format_spec))
