"""What operations ask a running city: does it live, can it be used, how is it doing."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from haihe.base.database import Database, TryAgain, one
from haihe.base.errors import BrokenInvariantError
from haihe.web.part import Part, Service

NO_STORE: Final = {"Cache-Control": "no-store"}


@get("/healthz", sync_to_thread=False)
def live() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "live"}


@get("/readyz")
async def ready(database: Service[Database]) -> Response[dict[str, str]]:
    """Say whether the city can be used: 503 while its database is away."""
    try:
        async with database.connection() as connection:
            one(await (await connection.execute("SELECT 1 FROM heads LIMIT 1")).fetchone())
    except (TryAgain, BrokenInvariantError):
        return Response({"status": "not ready"}, status_code=503, headers={**NO_STORE, "Retry-After": "1"})
    return Response({"status": "ready"}, headers=NO_STORE)


@get("/metrics", sync_to_thread=False)
def metrics() -> Response[bytes]:
    """Give the figures of this process in Prometheus's form."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST, headers=NO_STORE)


def part(database: Database) -> Part:
    """Give the three addresses."""
    handlers: Any = (live, ready, metrics)
    return Part("ops", handlers=handlers, dependencies={"database": database})
