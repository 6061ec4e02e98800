"""What an installation can be told from outside, read once at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]
"""The checkout: migrations, locales, demo and browser files lie beside the package."""
MIGRATIONS: Final = PROJECT / "migrations"
VENDOR: Final = PROJECT / "assets" / "vendor"
"""What the browser gets from npm: jsQR.js, lucide.svg, icons/NAME.svg (fetched by haihe/ops/install.py)."""

PORT: Final = 8000
PORT_MAX: Final = 65_535
BUCKETS: Final = 4
BUCKETS_MAX: Final = 1024
LOOPBACK: Final = "127.0.0.1"
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - only `haihe phone` listens there, and a city that is told to


class SettingsError(Exception):
    """A setting has a value that cannot be meant; the text is one line for the person who set it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation's settings.

    home: folder of the city's secrets, logs and embedded database.
    host, port: where the web server listens.
    database: the owner's PostgreSQL URL, or None for the embedded server.
    buckets: number of buckets, used only when the city is founded.
    base_url: how people reach the city; goes into stickers, links and demo.json. No slash at its end.
    """

    home: Path
    host: str = LOOPBACK
    port: int = PORT
    database: str | None = None
    buckets: int = BUCKETS
    base_url: str = f"http://{LOOPBACK}:{PORT}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read HAIHE_HOME, HAIHE_HOST, HAIHE_PORT, HAIHE_DATABASE, HAIHE_BUCKETS, HAIHE_BASE_URL; empty means unset.

        Raises SettingsError.
        """
        port = _number(environ, "HAIHE_PORT", default=PORT, largest=PORT_MAX)
        host = environ.get("HAIHE_HOST") or LOOPBACK
        return cls(
            home=_home(environ.get("HAIHE_HOME") or str(PROJECT / "var")),
            host=host,
            port=port,
            database=_database(environ.get("HAIHE_DATABASE")),
            buckets=_number(environ, "HAIHE_BUCKETS", default=BUCKETS, largest=BUCKETS_MAX),
            base_url=_base_url(environ.get("HAIHE_BASE_URL") or f"http://{_in_url(host)}:{port}"),
        )


def _home(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise SettingsError(f"HAIHE_HOME must be a folder, and {path} is not")
    return path


def _number(environ: Mapping[str, str], name: str, *, default: int, largest: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= largest and len(text) <= 9):
        raise SettingsError(f"{name} must be a whole number from 1 to {largest}, not {text!r}")
    return int(text)


def _database(url: str | None) -> str | None:
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError("HAIHE_DATABASE must be a URL that begins with postgresql://")
    return url or None


def _base_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"HAIHE_BASE_URL must begin with http:// or https://, not {url!r}")
    return url.rstrip("/")


def _in_url(host: str) -> str:
    if host == EVERYWHERE:
        return LOOPBACK
    return f"[{host}]" if ":" in host else host
