"""A city without people, for tests of the start-up: `python -P -m tests.ops.stand_in serve`."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import psycopg

from haihe.ops.city import City, Context, Service
from haihe.ops.cli import command_line

TEXT = [(b"content-type", b"text/plain")]


class StandIn:
    """Answers /readyz, /whoami (the database's role), /rows (a counter kept in the database), /service and /stream."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["path"] == "/stream":
            await self.stream(send)
        else:
            status, text = await self.answer(scope["path"])
            await send({"type": "http.response.start", "status": status, "headers": TEXT})
            await send({"type": "http.response.body", "body": text.encode()})

    async def live(self, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": message["type"] + ".complete"})
        (self.context.home.path / "left").touch()
        await send({"type": "lifespan.shutdown.complete"})

    async def answer(self, path: str) -> tuple[int, str]:
        if path == "/service":
            return 200, self.context.services["files"]
        if path == "/readyz":
            return 200, "ready"
        try:
            async with await psycopg.AsyncConnection.connect(self.context.app_dsn) as connection:
                row = await (
                    await connection.execute("SELECT current_user, (SELECT count(*) FROM stand_in)")
                ).fetchone()
        except psycopg.OperationalError:
            return 503, "try again"
        assert row is not None
        return 200, f"{row[0]} {row[1]}"

    async def stream(self, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": TEXT})
        await send({"type": "http.response.body", "body": b"begin\n", "more_body": True})
        await self.context.leaving.wait()
        await send({"type": "http.response.body", "body": b"end\n"})


async def prepare(context: Context) -> None:
    """Note every start in the database, after a pause if the test wants time to interrupt it."""
    context.say("preparing")
    await asyncio.sleep(float(os.environ.get("STAND_IN_PAUSE_S", "0")))
    async with await psycopg.AsyncConnection.connect(context.owner_dsn) as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS stand_in (started timestamptz DEFAULT now())")
        await connection.execute("GRANT SELECT ON stand_in TO haihe_app")
        await connection.execute("INSERT INTO stand_in DEFAULT VALUES")


FILES = Service(
    name="files", module="http.server", arguments=("{port}", "--bind", "127.0.0.1", "--directory", "{folder}")
)

if __name__ == "__main__":
    command_line(City(build=StandIn, prepare=prepare, services=(FILES,)))()
