"""What people read in an export: a short text, and one page with every list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from markupsafe import Markup, escape

from haihe.base.holdings import Person
from haihe.base.i18n import N_, moment, translate
from haihe.people.model import Citizen

_README: Final = N_(
    "Everything that the city holds about {name}, as of {at:moment}.\n\n"
    "index.html shows it to people: open it in any browser.\n"
    "csv/ has every list for table programs, json/ for other programs.\n"
    "Amounts are whole fen (100 fen are one yuan), times have the city's offset.\n\n"
    "Keep this file safe: whoever has it knows all of this too.\n"
)
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "table{border-collapse:collapse;font-size:.875rem}th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left}"
    "section{overflow-x:auto}h2{margin-top:2rem}"
)


class Listed(Protocol):
    """One list: its name, its title (a msgid), its columns, its first rows and how many there are."""

    @property
    def name(self) -> str: ...  # noqa: D102 - said above
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def columns(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def rows(self) -> Sequence[Sequence[str]]: ...  # noqa: D102
    @property
    def count(self) -> int: ...  # noqa: D102


def readme(who: Citizen, person: Person) -> str:
    """Say what is in the file, in the person's language."""
    return translate(person.language, _README, name=who.name, at=person.now)


def index_page(who: Citizen, person: Person, lists: Sequence[Listed]) -> str:
    """Write one page with all lists, which needs nothing but itself."""
    lang = person.language
    title = translate(lang, N_("What the city holds about me"))
    head = Markup(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>{}</title><style>{}</style><h1>{}</h1><p>{} · {}</p>"
    ).format(lang, title, Markup(_STYLE), title, who.name, moment(person.now, lang))  # noqa: S704 - our own constant
    return str(head + Markup("").join(_section(one, lang) for one in lists) + Markup("</html>"))


def _section(one: Listed, lang: str) -> Markup:
    title = translate(lang, one.title)
    files = Markup('<p>{} · <a href="csv/{}.csv">CSV</a> · <a href="json/{}.json">JSON</a></p>').format(
        one.count, one.name, one.name
    )
    return Markup("<section><h2>{}</h2>{}{}</section>").format(title, files, _rows(one))


def _rows(one: Listed) -> Markup:
    if not one.rows:
        return Markup("")
    head = Markup("").join(Markup("<th>{}</th>").format(name) for name in one.columns)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(escape(cell)) for cell in row))
        for row in one.rows
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, body)
