"""Turns a stored notice into what a person reads: title, sentence and address, in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from string import Formatter
from typing import Any, Final

from haihe.base.i18n import N_, translate
from haihe.notices.kinds import ELSE, KINDS, ROLES, Kind, Words
from haihe.notices.model import Notice, Stored
from haihe.organisations.model import name_in
from haihe.people.model import CitizenClass

NameOf = Callable[[int, str], str]
"""Gives the name of an organisation in a language; "" for one that is not known."""
SOMEBODY: Final = N_("the city")
MONTH_CHARACTERS: Final = len("2026-11")


def told(notice: Stored, *, lang: str, name_of: NameOf) -> Notice:
    """Tell a notice; its kind is one of `KINDS`."""
    kind = KINDS[notice.kind]
    words = _words(kind, notice.body)
    values = values_of(notice.body, lang=lang, name_of=name_of)
    return Notice(
        id=notice.id,
        kind=notice.kind,
        icon=kind.icon,
        title=translate(lang, words.title),
        text=_filled(lang, words.text, values),
        href=_address(kind.href, notice.body),
        at=notice.at,
        is_read=notice.read_at is not None,
    )


def _words(kind: Kind, body: Mapping[str, Any]) -> Words:
    return kind.words.get(str(body.get(kind.by)), kind.words[ELSE])


def values_of(body: Mapping[str, Any], *, lang: str, name_of: NameOf) -> dict[str, object]:
    """Make of a body what sentences name: organisations and roles in words, classes as their law writes them, months as days."""
    values: dict[str, object] = dict(body)
    for name in ("class", "before"):
        if name in values:
            values[name] = _class(values[name])
    if "organisation" in values:
        known = name_of(_number(values["organisation"]), lang)
        values["organisation"] = known or translate(lang, SOMEBODY)
    if "role" in values:
        role = str(values["role"])
        values["role"] = translate(lang, ROLES[role]) if role in ROLES else role
    if isinstance(values.get("title"), dict):
        values["title"] = name_in(body["title"], lang)
    if "month" in values:
        values["month"] = _month(values["month"])
    return values


def _filled(lang: str, text: str, values: Mapping[str, object]) -> str:
    """Fill a sentence; one whose body does not say what it names is left out, so that the title stands alone."""
    wanted = {name: spec for _, name, spec, _ in Formatter().parse(text) if name}
    if not all(_fits(values.get(name), spec or "") for name, spec in wanted.items()):
        return ""
    return translate(lang, text, **{name: values[name] for name in wanted})


def _fits(value: object, spec: str) -> bool:
    match spec:
        case "money":
            return isinstance(value, int)
        case "month":
            return isinstance(value, date)
        case _:
            return isinstance(value, str) and bool(value)


def _address(href: str, body: Mapping[str, Any]) -> str:
    """Fill an address; "" where the body does not say to what it leads."""
    try:
        return href.format_map(body)
    except KeyError:
        return ""


def _class(value: object) -> str:
    number = _number(value)
    return CitizenClass(number).name if number in set(CitizenClass) else str(value)


def _number(value: object) -> int:
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else 0


def _month(value: object) -> date | None:
    try:
        return datetime.strptime(str(value)[:MONTH_CHARACTERS], "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return None
