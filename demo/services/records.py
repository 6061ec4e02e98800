"""Offices and a clearing house of bank cards that exist nowhere: answer whether a person is on their records.

    python -m demo.services.records --port 9104 --state records.sqlite

Each keeps records of its own and believes the first name that it is asked about for an ID number, the clearing house the first
person for a card. A name with 无此人 or "Nobody" in it is on no record. The clearing house says which bank issued a card: cards
that begin with 629999 are of one of three banks that exist nowhere, by their next digit; of others it gives the first six digits.

| request | answer |
|---|---|
| `POST /social/checks {"name", "id_number"}` | `{"answer": "match" or "mismatch"}`: the social insurance bureau |
| `POST /education/checks`, `POST /housing/checks` | the same: graduates' register, register of homes |
| `POST /cards/checks {"card", "name", "id_number", "phone"}` | `{"answer", "bank"}` |
| `POST /control`, `GET /healthz` | demo/services/misbehaviour.py |
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from demo.services.made_up import CARD_PREFIX
from demo.services.misbehaviour import Behaviour, control_handlers
from demo.services.registry import NOBODY
from demo.services.running import application, arguments, open_state, serve

OFFICES: Final = ("social", "education", "housing")
BANKS: Final = ("haihe-bank", "beiyang-bank", "jinmen-bank")
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS records (
    office TEXT NOT NULL,
    key    TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (office, key)
)
"""


def check(state: sqlite3.Connection, office: str, *, key: str, person: str) -> dict[str, Any]:
    """Answer whether the record under a key is this person's, and begin one where there is none."""
    if any(word in person.lower() for word in NOBODY):
        return {"answer": "mismatch"}
    state.execute("INSERT OR IGNORE INTO records (office, key, person) VALUES (?, ?, ?)", (office, key, person))
    found = state.execute("SELECT person FROM records WHERE office = ? AND key = ?", (office, key)).fetchone()[0]
    return {"answer": "match" if found == person else "mismatch"}


def bank_of(card: str) -> str:
    """Name the bank that issued a card."""
    if card.startswith(CARD_PREFIX):
        return BANKS[int(card[len(CARD_PREFIX)]) % len(BANKS)]
    return f"bank-{card[:6]}"


def handlers(state: sqlite3.Connection) -> list[HTTPRouteHandler]:
    """Give the service's routes over its state."""
    behaviour = Behaviour()

    def of_office(office: str) -> HTTPRouteHandler:
        @post(f"/{office}/checks", status_code=200)
        async def checks(data: JSONBody[dict[str, str]]) -> dict[str, Any]:
            key, person = data["id_number"], data["name"]
            return await behaviour.answer(lambda: check(state, office, key=key, person=person), changes=True)

        return checks

    @post("/cards/checks", status_code=200)
    async def card_checks(data: JSONBody[dict[str, str]]) -> dict[str, Any]:
        key, person = data["card"], " ".join(data[part] for part in ("name", "id_number", "phone"))
        return await behaviour.answer(
            lambda: {**check(state, "cards", key=key, person=person), "bank": bank_of(key)}, changes=True
        )

    return [*map(of_office, OFFICES), card_checks, *control_handlers(behaviour)]


def main() -> None:
    """Run the offices."""
    options = arguments("Offices that exist nowhere.").parse_args()
    serve(application(handlers(open_state(options.state, SCHEMA))), options.port)


if __name__ == "__main__":
    main()
