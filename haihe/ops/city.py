"""What `app.py` tells the start-up about the city that it puts together, and what it is told in return."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from haihe.base.home import Home, Secrets
from haihe.base.settings import Settings
from haihe.ops.offices import MakeBranch

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program that runs beside the city, such as the demo bank: `python -m MODULE ARGUMENTS`.

    Arguments may contain {port} (a free one on the loopback, the same after a restart), {home} (the city's home) and {folder}
    (a private folder of its own in the home). It gets no other environment than PATH and the like; SIGTERM ends it.
    """

    name: str
    module: str
    arguments: tuple[str, ...] = ("--port", "{port}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything that a running city stands on.

    owner_dsn: for `prepare` and partition jobs alone. app_dsn: for everything else. services: name → base address of each
    service beside the city. leaving: set when the city goes down; streams watch it and end. say: a line of progress.
    """

    settings: Settings
    home: Home
    secrets: Secrets
    owner_dsn: str
    app_dsn: str
    services: Mapping[str, str] = field(default_factory=dict)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    say: Callable[[str], None] = lambda _: None


async def _prepare_nothing(_: Context) -> None:
    """Leave the city as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """The parts that `app.py` hands to the start-up.

    build: makes the ASGI application; called in the web process when everything it needs is there.
    prepare: makes partitions and founds the demo city, after the migrations and before the web server; may take seconds.
    services: programs beside the city.
    sectors: what makes each sector's branch, for commands that work without the web application.
    """

    build: Callable[[Context], ASGIApp]
    prepare: Callable[[Context], Coroutine[Any, Any, None]] = _prepare_nothing
    services: tuple[Service, ...] = ()
    sectors: tuple[MakeBranch, ...] = ()
