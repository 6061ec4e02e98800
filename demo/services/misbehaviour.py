"""How a demo service behaves: well, or badly on command, so that tests and people can see what the city does then.

`POST /control` takes `{"mode": …, "delay_ms": …}` and answers the mode that now holds:

| mode | what the service does |
|---|---|
| normal | answers |
| slow | answers after `delay_ms` |
| wrong | does nothing and answers nonsense with status 200 |
| silent | does nothing and never answers |
| lost | does what it was asked and never answers; reading still works |

`GET /healthz` and `/control` itself are never disturbed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from litestar import Response, get, post
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

DELAY_MS_MAX: Final = 600_000
SILENCE_S: Final = 3600.0
"""Longer than any client waits."""


class Mode(StrEnum):
    """How the service behaves."""

    NORMAL = "normal"
    SLOW = "slow"
    WRONG = "wrong"
    SILENT = "silent"
    LOST = "lost"


@dataclass(slots=True)
class Behaviour:
    """The mode that holds now; not kept over a restart."""

    mode: Mode = Mode.NORMAL
    delay_ms: int = 0

    async def answer(self, do: Callable[[], dict[str, Any]], *, changes: bool) -> dict[str, Any]:
        """Do something and answer it, the way the mode says; `changes` tells doing from mere reading."""
        mode = self.mode
        if mode is Mode.SLOW:
            await asyncio.sleep(self.delay_ms / 1000)
        elif mode is Mode.SILENT:
            await asyncio.sleep(SILENCE_S)
        elif mode is Mode.WRONG:
            return {"answer": "42", "outcome": "perhaps"}
        answer = do()
        if mode is Mode.LOST and changes:
            await asyncio.sleep(SILENCE_S)
        return answer


def control_handlers(behaviour: Behaviour) -> list[HTTPRouteHandler]:
    """Give the routes that every demo service has."""

    @get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @post("/control", status_code=200)
    async def control(data: JSONBody[dict[str, Any]]) -> Response[dict[str, Any]]:
        delay_ms = data.get("delay_ms", 0)
        if type(delay_ms) is not int or not 0 <= delay_ms <= DELAY_MS_MAX or data.get("mode") not in set(Mode):
            raise ValidationException(detail=f"mode is one of {', '.join(Mode)}; delay_ms from 0 to {DELAY_MS_MAX}")
        behaviour.mode, behaviour.delay_ms = Mode(data["mode"]), delay_ms
        return Response({"mode": behaviour.mode, "delay_ms": behaviour.delay_ms})

    return [healthz, control]
