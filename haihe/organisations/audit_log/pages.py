"""The console's page of the audit log: who did what, by action, actor and time; the own organisation's, for the city office everything."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get
from litestar.response import Stream

from haihe.base.audit import Actor, Written
from haihe.base.clock import day_start
from haihe.base.database import Database
from haihe.base.i18n import N_
from haihe.base.ids import ID_MAX
from haihe.organisations.audit_log import store
from haihe.organisations.audit_log.store import Wish
from haihe.organisations.console import ConsolePage, may
from haihe.organisations.model import Right
from haihe.organisations.service import Organisations
from haihe.web.forms import Form
from haihe.web.guards import Staff
from haihe.web.part import Part, Service
from haihe.web.render import Renderer

PATH: Final = "/console/audit"
CITY: Final = "city"
"""The kind of organisation whose auditors see everything."""
PAGE: Final = ConsolePage(
    PATH,
    N_("Audit log"),
    N_("Who did what and who looked at whom: sealed, never changed"),
    "scroll-text",
    Right.SEE_AUDIT,
)
PAGE_ROWS: Final = 50
FILE_ROWS_MAX: Final = 50_000
ACTION_CHARACTERS_MAX: Final = 64
CSV: Final = "text/csv; charset=utf-8; header=present"
COLUMNS: Final = ("number", "at", "actor_kind", "actor", "organisation", "subject", "action", "outcome", "details")
ACTOR_NAMES: Final[Mapping[Actor, str]] = {
    Actor.CITY: N_("The city's computer"),
    Actor.CITIZEN: N_("Citizen"),
    Actor.STAFF: N_("Member of staff"),
    Actor.TERMINAL: N_("Terminal"),
    Actor.STRANGER: N_("Somebody who is not known"),
}

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class AuditLog:
    """Reads the log."""

    database: Database
    organisations: Organisations

    def wish(self, staff: Staff, asked: Mapping[str, str]) -> Wish:
        """Read what is asked for; the city office sees everything, everybody else their own organisation."""
        is_city = self.organisations.by_id(staff.organisation).kind == CITY
        since, until = _day(asked["since"]), _day(asked["until"])
        return Wish(
            organisation=None if is_city else staff.organisation,
            action=asked["action"][:ACTION_CHARACTERS_MAX],
            actor=_number(asked["actor"]),
            since=day_start(since) if since else None,
            until=day_start(until + timedelta(days=1)) if until else None,
        )

    async def page(self, wish: Wish, *, before: int, limit: int) -> list[Written]:
        """Give the newest rows below a number."""
        async with self.database.connection() as connection:
            return await store.page(connection, wish, before=before, limit=limit)

    async def actions(self) -> list[str]:
        """Give all actions that there are."""
        async with self.database.connection() as connection:
            return await store.actions(connection)

    async def file(self, wish: Wish) -> AsyncIterator[bytes]:
        """Write the rows as CSV, the newest first."""
        yield _line(COLUMNS)
        before, left = ID_MAX, FILE_ROWS_MAX
        while left and (rows := await self.page(wish, before=before, limit=min(left, 1_000))):
            yield b"".join(_line(_columns(row)) for row in rows)
            before, left = rows[-1].number, left - len(rows)


@get(PATH, guards=[may(Right.SEE_AUDIT)])
async def audit_page(
    request: AnyRequest, renderer: Renderer, staff: Staff, audit_log: Service[AuditLog], before: str = ""
) -> Response[str]:
    """Show the log, the newest first."""
    asked = _asked(request)
    wish = audit_log.wish(staff, asked)
    rows = await audit_log.page(wish, before=_number(before) or ID_MAX, limit=PAGE_ROWS + 1)
    shown = rows[:PAGE_ROWS]
    kept = {name: value for name, value in asked.items() if value}
    further = f"{PATH}?{urlencode({**kept, 'before': shown[-1].number})}" if len(rows) > PAGE_ROWS else ""
    names = await _names(audit_log, shown)
    return renderer.page(
        request,
        "audit/log.html",
        rows=[(row, names.get(row.deed.actor_id, ""), _told(row)) for row in shown],
        actors=ACTOR_NAMES,
        actions=await audit_log.actions(),
        form=Form[Any](asked),
        further=further,
        file=f"{PATH}.csv?{urlencode(kept)}",
        everything=wish.organisation is None,
    )


@get(f"{PATH}.csv", guards=[may(Right.SEE_AUDIT)])
async def audit_file(request: AnyRequest, staff: Staff, audit_log: Service[AuditLog]) -> Stream:
    """Give the log as a file."""
    wish = audit_log.wish(staff, _asked(request))
    headers = {"Content-Disposition": 'attachment; filename="haihe-audit.csv"', "Cache-Control": "private, no-store"}
    return Stream(audit_log.file(wish), media_type=CSV, headers=headers)


async def _names(audit_log: AuditLog, rows: list[Written]) -> dict[int, str]:
    names: dict[int, str] = {}
    for organisation in {row.deed.organisation for row in rows if row.deed.actor is Actor.STAFF} - {0}:
        names |= await audit_log.organisations.staff_names(organisation)
    return names


def _asked(request: AnyRequest) -> dict[str, str]:
    return {name: str(request.query_params.get(name, "")).strip() for name in ("action", "actor", "since", "until")}


def _told(row: Written) -> str:
    return " · ".join(f"{name} {value}" for name, value in row.deed.details.items())


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), ID_MAX) if is_number else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(9000, 1, 1) else None


def _columns(row: Written) -> tuple[object, ...]:
    deed = row.deed
    return (
        row.number, _utc(row.at), deed.actor.name.lower(), deed.actor_id, deed.organisation, deed.subject, deed.action,
        deed.outcome, msgspec.json.encode(deed.details, order="sorted").decode(),
    )  # fmt: skip


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def _line(values: tuple[object, ...]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(values)
    return written.getvalue().encode()


HANDLERS: Final = (audit_page, audit_file)


def part(audit_log: AuditLog) -> Part:
    """Give the pages."""
    return Part(
        "audit",
        handlers=HANDLERS,
        templates=Path(__file__).parent / "templates",
        dependencies={"audit_log": audit_log},
    )
