"""The city as one process in the foreground: database, migrations, services beside it, web server; and all of it down again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Final

import uvicorn

from haihe.base.home import Home
from haihe.base.settings import Settings
from haihe.ops import lock
from haihe.ops.access import Access, context_of, given_server, own_server
from haihe.ops.children import Children, running
from haihe.ops.city import ASGIApp, City, Context
from haihe.ops.http_protocol import BoundedProtocol
from haihe.ops.migrate import migrate
from haihe.ops.postgres import EmbeddedPostgres

GOODBYE_S: Final = 5
"""How long requests under way may take when the city goes down."""
LOCK_WAIT_S: Final = 6.0
"""A city that was told to stop a moment ago may still be at it."""
PRIVATE: Final = 0o077
BACKLOG: Final = 2048
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class ServeError(Exception):
    """The city cannot be served; the text is one line for the person at the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificate and key, as files."""

    certificate: Path
    key: Path


class _Server(uvicorn.Server):
    """uvicorn, which leaves signals to us and tells streams that the city goes down before it waits for them."""

    def __init__(self, config: uvicorn.Config, *, context: Context, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._context = context
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._context.leaving.set()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(slots=True)
class _Signals:
    """Ends the city at the first signal: by the web server while it runs, else by SystemExit. Later ones change nothing."""

    server: uvicorn.Server | None = None
    heard: bool = field(default=False, init=False)

    def install(self) -> None:
        for number in SIGNALS:
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self.server is not None:
            self.server.should_exit = True
        elif not self.heard:
            self.heard = True
            raise SystemExit(0)
        self.heard = True


def say(text: str) -> None:
    """Tell the person at the terminal what is happening."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the terminal's voice


def serve(
    settings: Settings, city: City, *, tls: Tls | None = None, banner: Callable[[Settings], str] | None = None
) -> None:
    """Run the city until a signal comes. Raises HomeError, PostgresError, MigrationError, ServeError.

    Every child is stopped before this returns or raises; after a kill -9 the kernel stops them.
    """
    os.umask(PRIVATE)
    signals = _Signals()
    signals.install()
    began = time.monotonic()
    home = Home(settings.home).create()
    with contextlib.ExitStack() as stack:
        stack.callback(_say_goodbye, signals)
        stack.enter_context(lock.hold(home, wait_s=LOCK_WAIT_S))
        listening = stack.enter_context(_listen(settings))
        access = stack.enter_context(_database(settings, home))
        migrate(access.owner_dsn, password=access.password, say=say)
        addresses = stack.enter_context(running(Children(home, city.services, say)))
        context = context_of(settings, access, services=addresses, say=say)
        asyncio.run(city.prepare(context))
        text = banner or welcome
        _run(
            city, context, listening, signals, tls, lambda: say(f"{text(settings)}  ({time.monotonic() - began:.1f} s)")
        )


def _say_goodbye(signals: _Signals) -> None:
    if signals.heard:
        say("Haihe has stopped.")


@contextlib.contextmanager
def _database(settings: Settings, home: Home) -> Iterator[Access]:
    if given := given_server(settings):
        yield given
        return
    postgres = EmbeddedPostgres(home, say=say)
    with own_server(postgres) as access:
        yield access
    if postgres.failure:
        raise ServeError(postgres.failure)


@contextlib.contextmanager
def _listen(settings: Settings) -> Iterator[socket.socket]:
    """Take the port before anything else is done: a taken one must be known at once. Raises ServeError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.host, settings.port))
        except OSError as error:
            raise ServeError(
                f"port {settings.port} of {settings.host} cannot be used ({error.strerror}); choose another with HAIHE_PORT"
            ) from error
        yield listening


def web_config(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """Say how the web server runs an application; benchmarks run theirs alike."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GOODBYE_S,
        **more,
    )


def _run(
    city: City,
    context: Context,
    listening: socket.socket,
    signals: _Signals,
    tls: Tls | None,
    ready: Callable[[], None],
) -> None:
    config = web_config(
        city.build(context),
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
    server = _Server(config, context=context, ready=ready)
    signals.server = server
    try:
        server.run(sockets=[listening])
    except OSError as error:
        raise ServeError(f"port {context.settings.port} cannot be used ({error.strerror})") from error
    finally:
        signals.server = None
    if not server.started:
        raise ServeError("the web server could not start; its reasons stand above")


def welcome(settings: Settings) -> str:
    """Write the line that says where the city is."""
    return f"\n  海河 Haihe is running: {settings.base_url}\n  Ctrl-C stops it. Its data is in {settings.home}\n"
