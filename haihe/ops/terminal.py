"""What a command says: progress for people on stderr, one JSON object for programs on stdout, one line for what went wrong."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, ParamSpec, TypeVar

import httpx
import psycopg
import structlog
import typer

from haihe.base.database import TryAgain
from haihe.base.errors import BrokenInvariantError
from haihe.base.home import HomeError
from haihe.base.settings import Settings, SettingsError
from haihe.ops.migrate import MigrationError
from haihe.ops.postgres_binaries import PostgresError
from haihe.ops.serve import ServeError

P = ParamSpec("P")
R = TypeVar("R")


class Exit(IntEnum):
    """The exit codes of every command; `haihe --help` lists them."""

    DONE = 0
    FOUND = 1  # the command worked and found something wrong
    USAGE = 2  # the command line or a setting is wrong
    UNUSABLE = 3  # home, port, database or a file cannot be used


EXIT_CODES = "Exit codes: 0 done, 1 something wrong was found, 2 wrong command line or setting, 3 home, port, database or file unusable."

JSON = Annotated[bool, typer.Option("--json", help="Put one JSON object on stdout.")]

EXPECTED = (
    HomeError,
    PostgresError,
    MigrationError,
    ServeError,
    BrokenInvariantError,
    TryAgain,
    psycopg.Error,
    httpx.HTTPError,
    OSError,
)


def say(text: str) -> None:
    """Tell a person how it goes."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the terminal's voice


def put_json(value: Mapping[str, object]) -> None:
    """Give a program its answer: one object on one line of stdout."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)  # noqa: T201


def settings_from_here() -> Settings:
    """Read the settings from the environment. Raises SettingsError."""
    return Settings.from_environment(os.environ)


@contextmanager
def logs_on_stderr() -> Iterator[None]:
    """Keep stdout free for answers: what services log goes where progress goes, and tracebacks never tell the values of variables."""
    before = structlog.get_config()
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[*before["processors"][:-1], plain], logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )
    try:
        yield
    finally:
        structlog.configure(**before)


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Turn expected errors of a command into one line and an exit code; only defects show a traceback."""

    @functools.wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            with logs_on_stderr():
                return command(*arguments, **options)
        except SettingsError as error:
            say(f"haihe: {error}")
            raise typer.Exit(Exit.USAGE) from error
        except EXPECTED as error:
            say(f"haihe: {_reason(error)}")
            raise typer.Exit(Exit.UNUSABLE) from error

    return wrapped


def _reason(error: Exception) -> str:
    """Say on one line what went wrong."""
    text = error.text if isinstance(error, TryAgain) else str(error)
    return " ".join(text.split()) or type(error).__name__
