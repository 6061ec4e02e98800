"""How a demo service behaves: well, or badly on command, so that tests and people can see what the city does then.

`POST /control` takes `{"mode": …, "delay_ms": …}` and answers the mode that now holds, for a service with several doors also
`"for": …`, which is one of them; without it all doors behave so.

| mode | what the service does |
|---|---|
| normal | answers |
| slow | answers after `delay_ms` |
| wrong | does nothing and answers nonsense with status 200 |
| silent | does nothing and never answers |
| lost | does what it was asked and never answers; reading still works |
| swapped | does what it was asked and answers with another's reference and amount |

`GET /healthz` and `/control` itself are never disturbed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
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
SWAPPED_FOR: Final[Mapping[str, Any]] = {"reference": "1", "amount_fen": 1}
"""Another's answer."""


class Mode(StrEnum):
    """How the service behaves."""

    NORMAL = "normal"
    SLOW = "slow"
    WRONG = "wrong"
    SILENT = "silent"
    LOST = "lost"
    SWAPPED = "swapped"


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
        return {**answer, **SWAPPED_FOR} if mode is Mode.SWAPPED else answer


def control_handlers(behaviour: Behaviour, **doors: Behaviour) -> list[HTTPRouteHandler]:
    """Give the routes that every demo service has; each of its `doors` may behave in its own way."""

    @get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @post("/control", status_code=200)
    async def control(data: JSONBody[dict[str, Any]]) -> Response[dict[str, Any]]:
        delay_ms = data.get("delay_ms", 0)
        if type(delay_ms) is not int or not 0 <= delay_ms <= DELAY_MS_MAX or data.get("mode") not in set(Mode):
            raise ValidationException(detail=f"mode is one of {', '.join(Mode)}; delay_ms from 0 to {DELAY_MS_MAX}")
        named = data.get("for")
        if named is not None and named not in doors:
            raise ValidationException(detail=f"for is one of {', '.join(doors) or 'none'}")
        for one in [doors[named]] if named is not None else [behaviour, *doors.values()]:
            one.mode, one.delay_ms = Mode(data["mode"]), delay_ms
        return Response({"mode": data["mode"], "delay_ms": delay_ms})

    return [healthz, control]
