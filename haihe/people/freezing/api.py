"""The JSON API of freezing."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody

from haihe.base.throttle import Limits
from haihe.people.api import CodeAnswer, Text, host_of
from haihe.people.freezing.model import Freeze, by_owner
from haihe.people.freezing.service import Freezing
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, problems
from haihe.web.part import Service


class FreezeState(msgspec.Struct, frozen=True):
    """Whether the wallet is frozen, and since when (ISO 8601, "" if it is not)."""

    frozen: bool
    frozen_at: str


class ReleaseBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a thief does not have: the passcode, with the code that came by SMS."""

    passcode: Text
    code: Text


@get(
    "/api/me/freeze",
    guards=[signed_in],
    include_in_schema=True,
    summary="Is my wallet frozen?",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def freeze_state(viewer: Viewer, freezing: Service[Freezing]) -> FreezeState:
    """Tell whether the citizen's wallet is frozen."""
    return _state(await freezing.frozen(viewer.person))


@post(
    "/api/me/freeze",
    status_code=200,
    guards=[signed_in],
    include_in_schema=True,
    summary="Freeze my wallet",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(400, 401, 503),
)
async def freeze(viewer: Viewer, freezing: Service[Freezing]) -> FreezeState:
    """Freeze the wallet at once and end every other session; a second time has no effect."""
    return _state(await freezing.freeze(viewer.person, by=by_owner(viewer.person), session=viewer.session))


@post(
    "/api/me/release/codes",
    status_code=202,
    guards=[signed_in],
    include_in_schema=True,
    summary="Ask for the code to release my wallet",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(400, 401, 409, 429, 503),
)
async def ask_code(
    request: Request[Any, Any, Any], viewer: Viewer, lang: str, freezing: Service[Freezing], limits: Service[Limits]
) -> CodeAnswer:
    """Send the code by SMS."""
    host = host_of(request)
    limits.count("code", host, who=str(viewer.person))
    asked = await freezing.ask_code(viewer.person, language=lang, limited=limits.holds_for(host))
    return CodeAnswer(asked.expires_s, asked.resend_s, asked.shown)


@post(
    "/api/me/release",
    status_code=200,
    guards=[signed_in],
    include_in_schema=True,
    summary="Release my wallet",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 409, 413, 422, 429, 503),
)
async def release(
    data: JSONBody[ReleaseBody],
    request: Request[Any, Any, Any],
    viewer: Viewer,
    freezing: Service[Freezing],
    limits: Service[Limits],
) -> FreezeState:
    """Release the wallet with the passcode and the code."""
    limits.count("sign_in", host_of(request), who=str(viewer.person))
    await freezing.release_own(viewer.person, passcode=data.passcode, code=data.code)
    return _state(None)


def _state(freeze: Freeze | None) -> FreezeState:
    return FreezeState(freeze is not None, freeze.frozen_at.isoformat(timespec="seconds") if freeze else "")


HANDLERS: Final = (freeze_state, freeze, ask_code, release)
