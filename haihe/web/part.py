"""What a part of the city adds to the web app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, TypeAlias, TypeVar

from litestar.params import SkipValidationMarker
from litestar.types import ASGIApp, ControllerRouterHandler

from haihe.base.holdings import Holding

T = TypeVar("T")

Service: TypeAlias = Annotated[T, SkipValidationMarker()]
"""Marks a handler's parameter that is a service of some part (`payments: Service[Payments]`), so that Litestar hands it over
as it is instead of looking into it on every request."""

TONES: Final = frozenset({"", "river", "violet", "blue", "amber", "orange", "rose"})
"""Colours of a tile's icon, as the stylesheet knows them."""


@dataclass(frozen=True)
class Link:
    """Where a tile or a menu entry leads: an address, a lucide icon, an English msgid, and for tiles a tone."""

    href: str
    icon: str
    text: str
    tone: str = ""


@dataclass(frozen=True)
class Part:
    """One folder of the city, as `app.py` collects it.

    `templates` are addressed as "<name>/<file>.html"; `static` is served under /static/<digest>/<name>/ (see
    `static_files`). `dependencies` are the services that handlers ask for by name. `routes` are bare ASGI handlers, answered
    before Litestar, by method and path.
    """

    name: str
    handlers: Sequence[ControllerRouterHandler] = ()
    templates: Path | None = None
    static: Path | None = None
    dependencies: Mapping[str, object] = field(default_factory=dict)
    routes: Mapping[tuple[str, str], ASGIApp] = field(default_factory=dict)
    tiles: Sequence[Link] = ()
    """What a citizen finds on the home screen."""
    holdings: Sequence[Holding] = ()
    """What it keeps about a citizen: for the export and the erasure."""
    settings: Sequence[Link] = ()
    """What a citizen finds on the page about themselves (/me): pages for settling things."""
