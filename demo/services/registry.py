"""A population registry that exists nowhere: answers whether a name belongs to an ID number.

    python -m demo.services.registry --port 9101 --state registry.sqlite

It knows the people that it was told of. Of any other valid ID number it believes the first name it is asked about and remembers it. A name with 无此人 or "Nobody" in it is never known.

| request | answer |
|---|---|
| `POST /checks {"name", "id_number"}` | `{"answer": "match" or "mismatch"}` |
| `POST /people [{"name", "id_number"}, …]` | 204; it knows them from now on, but never a second name for one number |
| `GET /sample` | `{"name", "id_number", "phone"}` of a made-up person nobody asked about yet |
| `POST /control`, `GET /healthz` | demo/services/misbehaviour.py |
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from demo.services import made_up
from demo.services.misbehaviour import Behaviour, control_handlers
from demo.services.running import application, arguments, open_state, serve

NOBODY: Final = ("无此人", "nobody")
SCHEMA: Final = "CREATE TABLE IF NOT EXISTS people (id_number TEXT PRIMARY KEY, name TEXT NOT NULL)"


def learn(state: sqlite3.Connection, people: list[dict[str, str]]) -> None:
    """Learn people; who is known already stays as known."""
    state.execute("BEGIN")
    with state:
        state.executemany("INSERT OR IGNORE INTO people (id_number, name) VALUES (:id_number, :name)", people)


def check(state: sqlite3.Connection, *, name: str, id_number: str) -> dict[str, Any]:
    """Answer a check, and remember a person who was not known."""
    if any(word in name.lower() for word in NOBODY):
        return {"answer": "mismatch"}
    state.execute("INSERT OR IGNORE INTO people (id_number, name) VALUES (?, ?)", (id_number, name))
    known = state.execute("SELECT name FROM people WHERE id_number = ?", (id_number,)).fetchone()[0]
    return {"answer": "match" if known == name else "mismatch"}


def sample(state: sqlite3.Connection) -> dict[str, Any]:
    """Make up a person whom nobody asked about yet."""
    while True:
        id_number = made_up.id_number()
        if not state.execute("SELECT 1 FROM people WHERE id_number = ?", (id_number,)).fetchone():
            return {"name": made_up.name(), "id_number": id_number, "phone": made_up.phone()}


def handlers(state: sqlite3.Connection) -> list[HTTPRouteHandler]:
    """Give the service's routes over its state."""
    behaviour = Behaviour()

    @post("/checks", status_code=200)
    async def checks(data: JSONBody[dict[str, str]]) -> dict[str, Any]:
        name, id_number = data["name"], data["id_number"]
        return await behaviour.answer(lambda: check(state, name=name, id_number=id_number), changes=True)

    @post("/people", status_code=204)
    async def people(data: JSONBody[list[dict[str, str]]]) -> None:
        learn(state, data)

    @get("/sample")
    async def samples() -> dict[str, Any]:
        return await behaviour.answer(lambda: sample(state), changes=False)

    return [checks, people, samples, *control_handlers(behaviour)]


def main() -> None:
    """Run the registry."""
    options = arguments("A population registry that exists nowhere.").parse_args()
    state = open_state(options.state, SCHEMA)
    serve(application(handlers(state)), options.port)


if __name__ == "__main__":
    main()
