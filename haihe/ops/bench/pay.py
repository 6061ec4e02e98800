"""`haihe bench pay`: payments a second over HTTP, end to end: token, key, admission, ledger, seal, ride."""

from __future__ import annotations

import json
import multiprocessing
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import httpx
import uvicorn

from haihe.base.settings import LOOPBACK, Settings
from haihe.ops.access import Access, context_of
from haihe.ops.bench.population import limit_everybody, offices_of, populate, spread_fleet
from haihe.ops.bench.report import Baseline, Measured, machine, rounded
from haihe.ops.city import ASGIApp, Context
from haihe.ops.founding import found_city
from haihe.ops.migrate import migrate
from haihe.ops.serve import web_config

CITIZENS: Final = 20_000
CONNECTIONS: Final = 64
SECONDS: Final = 10
WARM_UP_S: Final = 2
BASELINE_S: Final = 4
READY_S_MAX: Final = 30
STOP_S_MAX: Final = 10
BUCKETS: Final = 4
VEHICLES_EACH: Final = 5
NOWHERE: Final = dict.fromkeys(("bank", "registry", "phones", "records"), f"http://{LOOPBACK}:1")
"""The world outside plays no part in a payment from the balance: nothing answers there."""
Build = Callable[[Context], ASGIApp]


@dataclass(frozen=True)
class Road:
    """A scratch city with citizens and buses, ready for load: its context, and orders for the load generator."""

    context: Context
    orders: Mapping[str, Mapping[str, object]]


@asynccontextmanager
async def made_road(access: Access, say: Callable[[str], None], *, spread: int = 0) -> AsyncIterator[Road]:
    """Make the city: order "one" rides with one company, order "many" (if `spread`) with so many companies."""
    migrate(access.owner_dsn, password=access.password)
    found_city(access.owner_dsn, buckets=BUCKETS, now=datetime.now(UTC))
    with tempfile.TemporaryDirectory(prefix="haihe-bench-") as folder:
        context = context_of(Settings(home=Path(folder) / "home"), access, services=NOWHERE)
        async with offices_of(context) as offices:
            population = await populate(offices, citizens=CITIZENS, say=say)
            fleets = {"one": population.codes}
            if spread:
                fleets["many"] = await spread_fleet(offices, companies=spread, vehicles=VEHICLES_EACH)
            await limit_everybody(offices)
        tokens = _file(folder, "tokens", population.tokens)
        orders = {
            name: {"connections": CONNECTIONS, "tokens": tokens, "codes": _file(folder, name, codes)}
            for name, codes in fleets.items()
        }
        yield Road(context, orders)


def _file(folder: str, name: str, lines: Sequence[str]) -> str:
    file = Path(folder) / name
    file.write_text("\n".join(lines), encoding="ascii")
    return str(file)


async def bench_pay(access: Access, say: Callable[[str], None], *, build: Build) -> Measured:
    """Have 64 connections pay bus fares for ten seconds; beside it the same load on a handler that does nothing."""
    async with made_road(access, say) as road:
        say(f"paying for {SECONDS} s")
        with running_server(build, road.context) as port:
            load(road.orders["one"], port, WARM_UP_S)
            answer = load({**road.orders["one"], "from": CITIZENS * 7}, port, SECONDS)
            answer["average_batch"] = average_batch(port)
        say("baseline: the same load on an empty handler")
        with running_server(empty, road.context) as port:
            idle = load({"connections": CONNECTIONS}, port, BASELINE_S)
    return _measured(answer, idle)


def _measured(answer: Mapping[str, Any], idle: Mapping[str, Any]) -> Measured:
    paid = answer["statuses"].get("201", 0)
    conditions = machine() | {
        "connections": CONNECTIONS,
        "seconds": SECONDS,
        "citizens": CITIZENS,
        "buckets": BUCKETS,
        "p50_ms": answer["p50_ms"],
        "p99_ms": answer["p99_ms"],
        "average_batch": answer["average_batch"],
        "paid": paid,
        "other_answers": sum(answer["statuses"].values()) - paid,
        "seal": "on",
        "limits": "on",
        "fsync": "on",
        "load_generator": "same machine",
    }
    baseline = Baseline(
        "empty handler on the same server, requests/s", rounded(idle["statuses"]["200"] / idle["seconds"])
    )
    return Measured("pay", rounded(paid / answer["seconds"]), "payments/s", conditions, baseline)


async def empty(scope: Any, receive: Any, send: Any) -> None:
    """Answer anything with nothing."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}", "more_body": False})


@contextmanager
def running_server(build: Build | ASGIApp, context: Context) -> Iterator[int]:
    """Run a web server in a process of its own, as `haihe serve` runs it; give its port."""
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        port: int = listening.getsockname()[1]
        process = multiprocessing.get_context("fork").Process(
            target=_serve, args=(build, context, listening), daemon=True
        )
        process.start()
    try:
        _await_ready(port)
        yield port
    finally:
        process.terminate()
        process.join(STOP_S_MAX)
        process.kill()


def _serve(build: Any, context: Context, listening: socket.socket) -> None:
    app = empty if build is empty else build(context)
    uvicorn.Server(web_config(app)).run(sockets=[listening])


def _await_ready(port: int) -> None:
    latest = monotonic() + READY_S_MAX
    while monotonic() < latest:
        try:
            if httpx.get(f"http://{LOOPBACK}:{port}/readyz", timeout=1).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        sleep(0.05)
    raise OSError("the server did not become ready")


def average_batch(port: int) -> float:
    """Ask a server how many payments a batch of its held."""
    figures = dict(
        line.split(" ") for line in httpx.get(f"http://{LOOPBACK}:{port}/metrics").text.splitlines() if line[0] != "#"
    )
    return round(float(figures["haihe_batch_payments_sum"]) / float(figures["haihe_batch_payments_count"]), 1)


def load(order: Mapping[str, object], port: int, seconds: float) -> dict[str, Any]:
    """Run the load generator as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "haihe.ops.bench.load"],
        input=json.dumps({**order, "port": port, "seconds": seconds}),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
