"""Whether a browser is known: a long-lived random text in a cookie that scripts cannot read."""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

from litestar import Request, Response

from haihe.people.devices.model import KEPT, Visit
from haihe.people.devices.rules import AGENT_CHARACTERS_MAX

DEVICE_COOKIE: Final = "haihe_device"
DEVICE_BYTES: Final = 16
_OURS: Final = re.compile(r"[A-Za-z0-9_-]{22}")

AnyRequest = Request[Any, Any, Any]


def visit_of(request: AnyRequest) -> Visit:
    """Tell with what browser a page is used; one that is new gets a text of its own, which `keep_device` puts into it."""
    kept = request.cookies.get(DEVICE_COOKIE, "")
    device = kept if _OURS.fullmatch(kept) else secrets.token_urlsafe(DEVICE_BYTES)
    return Visit(device, _agent(request))


def program_of(request: AnyRequest) -> Visit:
    """Tell with what program the API is used: it keeps no cookies, so it is known by what it says to be."""
    return Visit("", _agent(request))


def keep_device(request: AnyRequest, response: Response[Any], device: str) -> None:
    """Let the browser be known again at the next sign-in."""
    response.set_cookie(
        DEVICE_COOKIE,
        device,
        max_age=int(KEPT.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _agent(request: AnyRequest) -> str:
    return request.headers.get("user-agent", "")[:AGENT_CHARACTERS_MAX]
