"""One way to ask a service outside: JSON over HTTP with named time-outs, and one error for every missing answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from haihe.base.errors import Refusal
from haihe.base.i18n import N_

CONNECT_S_MAX: Final = 2.0
ANSWER_S_MAX: Final = 5.0
CONNECTIONS_MAX: Final = 50
ANSWER_BYTES_MAX: Final = 65_536


class Unreachable(Refusal):
    """A service outside gave no answer, or one that nobody can understand: what it did is not known."""

    code = "outside_unavailable"
    status = 503
    text = N_("The other side does not answer at the moment. Please try again later.")


@dataclass(frozen=True)
class Outside:
    """A service outside under its address."""

    client: httpx.AsyncClient

    async def ask(
        self, method: str, path: str, *, body: Mapping[str, object] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Ask and give the status below 500 with the JSON object of the answer. Raises `Unreachable`."""
        try:
            answer = await self.client.request(method, path, json=body)
            content = answer.json() if len(answer.content) <= ANSWER_BYTES_MAX else None
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable from error
        if answer.is_server_error or not isinstance(content, dict):
            raise Unreachable
        return answer.status_code, content


def make_outside(url: str, *, answer_s_max: float = ANSWER_S_MAX) -> Outside:
    """Make the way to a service; proxies of the machine are not used. Whoever makes it closes its client."""
    return Outside(
        httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(answer_s_max, connect=min(CONNECT_S_MAX, answer_s_max)),
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            trust_env=False,
        )
    )


@asynccontextmanager
async def open_outside(url: str, *, answer_s_max: float = ANSWER_S_MAX) -> AsyncIterator[Outside]:
    """Open the way to a service and close it at the end."""
    outside = make_outside(url, answer_s_max=answer_s_max)
    async with outside.client:
        yield outside
