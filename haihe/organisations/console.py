"""The console's frame: which pages sectors add for staff, who may see them, and the wall between organisations."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from haihe.base.i18n import N_
from haihe.organisations.model import RIGHTS, Right, Role
from haihe.organisations.service import Organisations
from haihe.web.guards import Staff, staff_signed_in
from haihe.web.part import Link
from haihe.web.problem import NotAllowed, NotFound

FIRST_PAGE: Final = "/console"

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """A page that a sector adds to the console: address, English title and lead (msgids), lucide icon, and the right it needs.

    `kinds` are the kinds of organisations it is for; empty means all.
    """

    path: str
    title: str
    lead: str
    icon: str
    right: Right
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Console:
    """All pages of the console, in order; `organisations` tell what kind of one a member of staff works for."""

    organisations: Organisations
    pages: Sequence[ConsolePage] = ()

    def menu(self, staff: Staff) -> list[Link]:
        """Give the console's menu: the first page, then what this member of staff may open."""
        kind = self.organisations.by_id(staff.organisation).kind
        pages = [Link(page.path, page.icon, page.title) for page in self.pages_for(staff, kind=kind)]
        return [Link(FIRST_PAGE, "layout-dashboard", N_("Overview")), *pages]

    def pages_for(self, staff: Staff, *, kind: str) -> list[ConsolePage]:
        """Give the pages that a member of staff of an organisation of this kind may open."""
        return [page for page in self.pages if has(staff, page.right) and (not page.kinds or kind in page.kinds)]


def has(staff: Staff, right: Right) -> bool:
    """Tell whether a member of staff may do something in their own organisation."""
    return right in RIGHTS[Role(staff.role)]


def require(staff: Staff, right: Right) -> None:
    """Raise `NotAllowed` unless the role has the right."""
    if not has(staff, right):
        raise NotAllowed


def require_own(staff: Staff, organisation: int) -> None:
    """Raise `NotFound` for what belongs to another organisation: staff cannot even learn that it exists."""
    if staff.organisation != organisation:
        raise NotFound


def may(right: Right) -> Callable[[Connection, BaseRouteHandler], Coroutine[Any, Any, None]]:
    """Give a guard for handlers: only staff with this right come as far as the handler."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        await staff_signed_in(connection, handler)
        require(connection.state["staff"], right)

    return guard
