"""Read what a scanner saw: our URL, our EMVCo payload or a bare code."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, urlsplit

from haihe.codes import emvco
from haihe.codes.model import CodeForeign, is_code

STICKER_PATH: Final = "/s/"
SCANNED_CHARACTERS_MAX: Final = 1024
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def read(text: str, base_url: str, *, hosts: Collection[str] = ()) -> str:
    """Give the code in what was scanned; whether a sticker has it is another question.

    Ours are: `{base_url}/s/{code}`, also under another of the city's `hosts` (names without port), the bare code in any case,
    and our EMVCo payload. Raises `CodeForeign` for everything else.
    """
    scanned = text.strip()
    if len(scanned) > SCANNED_CHARACTERS_MAX:
        raise CodeForeign
    code = _from_url(scanned, base_url, hosts) if "://" in scanned else _from_text(scanned)
    if code is None or not is_code(code):
        raise CodeForeign
    return code


def _from_text(text: str) -> str | None:
    if not text.startswith("0002"):
        return text.replace(" ", "").replace("-", "").upper()
    try:
        return emvco.code_of(emvco.parse(text))
    except emvco.NotEmvcoError:
        return None


def _from_url(text: str, base_url: str, hosts: Collection[str]) -> str | None:
    try:
        url, base = urlsplit(text), urlsplit(base_url)
        ours = url.scheme in {"http", "https"} and _is_ours(url, base, hosts)
    except ValueError:
        return None
    path = url.path.removeprefix(base.path.rstrip("/"))
    return path.removeprefix(STICKER_PATH).rstrip("/") if ours and path.startswith(STICKER_PATH) else None


def _is_ours(url: SplitResult, base: SplitResult, hosts: Collection[str]) -> bool:
    if url.hostname in hosts:
        return True
    same_host = url.hostname == base.hostname or {url.hostname, base.hostname} <= _LOOPBACK
    return same_host and _port(url) == _port(base)


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
