"""A load generator: keep-alive connections that post payments as fast as they are answered.

It runs as a process of its own (`python -m haihe.ops.bench.load`) and speaks just enough HTTP/1.1, so that it takes as little
as possible of the machine it shares with what it measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import uvloop

STATUS_AT: Final = slice(9, 12)
"""Where the status stands in an answer's first line."""


@dataclass
class Load:
    """The requests to make and what came of them."""

    tokens: list[str]
    codes: list[str]
    body: bool
    until_s: float = 0.0
    number: Any = field(default_factory=count)
    statuses: Counter[str] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)

    def next_request(self) -> bytes:
        """Write the next request: citizens in turn, each with another code at every turn."""
        number = next(self.number)
        if not self.body:
            return b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        token = self.tokens[number % len(self.tokens)]
        code = self.codes[(number + number // len(self.tokens)) % len(self.codes)]
        body = b'{"code":"%s"}' % code.encode()
        return (
            b"POST /api/payments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nIdempotency-Key: k%d\r\nContent-Length: %d\r\n\r\n%s"
            % (token.encode(), number, len(body), body)
        )


class Caller(asyncio.Protocol):
    """One keep-alive connection, always with one request under way."""

    def __init__(self, load: Load, done: asyncio.Future[None]) -> None:
        self.load, self.done = load, done
        self.buffer = b""
        self.began = 0.0

    def connection_made(self, transport: Any) -> None:
        """Begin with the first request."""
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        self.began = perf_counter()
        if self.began > self.load.until_s:
            self.transport.close()
            return
        self.transport.write(self.load.next_request())

    def data_received(self, data: bytes) -> None:
        """Count an answer that is whole, and ask again."""
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length_at = self.buffer.lower().find(b"content-length:")
        length = int(self.buffer[length_at + 15 : self.buffer.index(b"\r\n", length_at)])
        if len(self.buffer) < head_end + 4 + length:
            return
        self.load.statuses[self.buffer[STATUS_AT].decode()] += 1
        self.load.latencies_s.append(perf_counter() - self.began)
        self.buffer = b""
        self._ask()

    def connection_lost(self, _: Exception | None) -> None:
        """Report the end."""
        if not self.done.done():
            self.done.set_result(None)


async def run(load: Load, port: int, *, connections: int, seconds: float) -> dict[str, object]:
    """Make the load and sum it up: requests, seconds, statuses, latencies in milliseconds."""
    loop = asyncio.get_running_loop()
    began = perf_counter()
    load.until_s = began + seconds
    ends: list[asyncio.Future[None]] = []
    for _ in range(connections):
        end: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(lambda end=end: Caller(load, end), "127.0.0.1", port)  # type: ignore[misc]
        ends.append(end)
    await asyncio.gather(*ends)
    took_s = perf_counter() - began
    sorted_ms = sorted(latency * 1000 for latency in load.latencies_s) or [0.0]
    return {
        "seconds": took_s,
        "statuses": dict(load.statuses),
        "p50_ms": round(sorted_ms[len(sorted_ms) // 2], 2),
        "p99_ms": round(sorted_ms[len(sorted_ms) * 99 // 100], 2),
    }


def _lines(file: str | None) -> list[str]:
    return Path(file).read_text(encoding="ascii").split() if file else []


def main() -> None:
    """Read the order from stdin as JSON and answer with JSON on stdout."""
    order = json.load(sys.stdin)
    tokens, codes = _lines(order.get("tokens")), _lines(order.get("codes"))
    load = Load(tokens, codes, body=bool(tokens), number=count(order.get("from", 0)))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        answer = runner.run(run(load, order["port"], connections=order["connections"], seconds=order["seconds"]))
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
