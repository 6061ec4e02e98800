"""How a demo service is started: a loopback port, a state file that survives kill -9, quiet logs."""

from __future__ import annotations

import argparse
import os
import sqlite3
from pathlib import Path
from typing import Final

import uvicorn
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

LOOPBACK: Final = "127.0.0.1"
LEAVING_S_MAX: Final = 1
_PRIVATE: Final = 0o600


def arguments(description: str) -> argparse.ArgumentParser:
    """Give the command line that every demo service has: --port and --state."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, required=True, help="loopback port to listen on")
    parser.add_argument("--state", type=Path, required=True, help="SQLite file of what the service knows")
    return parser


def open_state(path: Path, schema: str) -> sqlite3.Connection:
    """Open the state (made with mode 0600) in which every statement is durable by itself."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE))
    state = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    state.execute("PRAGMA journal_mode = WAL")
    state.execute("PRAGMA busy_timeout = 5000")
    state.executescript(schema)
    return state


def application(handlers: list[HTTPRouteHandler]) -> Litestar:
    """Make the service's web application."""
    return Litestar(handlers, openapi_config=None, logging_config=None)


def serve(app: Litestar, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; requests kept waiting on purpose are dropped."""
    uvicorn.run(
        app,
        host=LOOPBACK,
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=LEAVING_S_MAX,
    )
