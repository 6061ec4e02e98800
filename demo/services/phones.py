"""Phone operators that exist nowhere: answer whether a number is held by a person.

    python -m demo.services.phones --port 9103 --state phones.sqlite

It knows the holders that it was told of. Of any other number it believes the first person it is asked about and remembers them;
but an unknown number that ends with 0000 is held by somebody else.

| request | answer |
|---|---|
| `POST /checks {"name", "id_number", "phone"}` | `{"answer": "match" or "mismatch"}` |
| `POST /holders [{"name", "id_number", "phone"}, …]` | 204; it knows them from now on, but never a second holder of one number |
| `POST /control`, `GET /healthz` | demo/services/misbehaviour.py |
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from demo.services.misbehaviour import Behaviour, control_handlers
from demo.services.running import application, arguments, open_state, serve

SOMEBODY_ELSES: Final = "0000"
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS holders (phone TEXT PRIMARY KEY, id_number TEXT NOT NULL, name TEXT NOT NULL)
"""
_LEARN: Final = "INSERT OR IGNORE INTO holders (phone, id_number, name) VALUES (:phone, :id_number, :name)"


def learn(state: sqlite3.Connection, holders: list[dict[str, str]]) -> None:
    """Learn holders; a number that is held already stays as known."""
    state.execute("BEGIN")
    with state:
        state.executemany(_LEARN, holders)


def check(state: sqlite3.Connection, person: dict[str, str]) -> dict[str, Any]:
    """Answer a check, and remember the holder of a number that was not known."""
    if not person["phone"].endswith(SOMEBODY_ELSES):
        state.execute(_LEARN, person)
    known = state.execute("SELECT id_number, name FROM holders WHERE phone = ?", (person["phone"],)).fetchone()
    return {"answer": "match" if known == (person["id_number"], person["name"]) else "mismatch"}


def handlers(state: sqlite3.Connection) -> list[HTTPRouteHandler]:
    """Give the service's routes over its state."""
    behaviour = Behaviour()

    @post("/checks", status_code=200)
    async def checks(data: JSONBody[dict[str, str]]) -> dict[str, Any]:
        person = {key: data[key] for key in ("name", "id_number", "phone")}
        return await behaviour.answer(lambda: check(state, person), changes=True)

    @post("/holders", status_code=204)
    async def holders(data: JSONBody[list[dict[str, str]]]) -> None:
        learn(state, data)

    return [checks, holders, *control_handlers(behaviour)]


def main() -> None:
    """Run the operators."""
    options = arguments("Phone operators that exist nowhere.").parse_args()
    serve(application(handlers(open_state(options.state, SCHEMA))), options.port)


if __name__ == "__main__":
    main()
