"""A bank that exists nowhere: cards, and money pulled from them, each reference once.

    python -m demo.services.bank --port 9102 --state bank.sqlite

Any card with a right check digit is taken to belong to the first name it is asked about and begins with 100,000 yuan. Cards
whose last five digits begin with 0000 have no money, those with 9999 there are lost and refused.

| request | answer |
|---|---|
| `POST /cards/checks {"card", "name"}` | `{"answer": "match" or "mismatch"}` |
| `POST /cards/samples {"name"}` | `{"card"}`: a made-up card issued to this name |
| `POST /pulls {"reference", "card", "amount_fen"}` | `{"outcome": "done"}` or `{"outcome": "refused", "reason"}`; 409 when the reference was used with other content |
| `GET /pulls/{reference}` | the same as the pull was answered; 404 when it never came |
| `POST /pulls/{reference}/call-off` | what it was, or `refused`, `called_off`: then it will never be carried out |
| `GET /statement` | `{"pulls": [{"reference", "card", "amount_fen", "outcome", "reason"}]}` in the order they came |
| `POST /control`, `GET /healthz` | demo/services/misbehaviour.py |

Reasons: `card_unknown`, `card_blocked`, `no_funds`, `called_off`.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from litestar import get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler

from demo.services import made_up
from demo.services.misbehaviour import Behaviour, control_handlers
from demo.services.running import application, arguments, open_state, serve

OPENING_FEN: Final = 10_000_000
STATEMENT_ROWS_MAX: Final = 10_000
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS cards (card TEXT PRIMARY KEY, holder TEXT NOT NULL, balance_fen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS pulls (
    number     INTEGER PRIMARY KEY,
    reference  TEXT NOT NULL UNIQUE,
    card       TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    reason     TEXT NOT NULL
);
"""


def check_card(state: sqlite3.Connection, *, card: str, name: str) -> dict[str, Any]:
    """Tell whether a card is held under this name; an unseen card is issued to it."""
    if not is_card(card):
        return {"answer": "mismatch"}
    opening = 0 if card[-5:-1] == "0000" else OPENING_FEN
    state.execute("INSERT OR IGNORE INTO cards (card, holder, balance_fen) VALUES (?, ?, ?)", (card, name, opening))
    holder = state.execute("SELECT holder FROM cards WHERE card = ?", (card,)).fetchone()[0]
    return {"answer": "match" if holder == name else "mismatch"}


def is_card(card: str) -> bool:
    """Tell whether a card number has a right check digit."""
    return card.isascii() and card.isdigit() and 12 <= len(card) <= 19 and made_up.luhn_digit(card[:-1]) == card[-1]


def pull(state: sqlite3.Connection, *, reference: str, card: str, amount_fen: int) -> dict[str, Any]:
    """Carry out a pull once; a known reference is answered as before."""
    with state:
        state.execute("BEGIN IMMEDIATE")
        known = state.execute("SELECT card, amount_fen FROM pulls WHERE reference = ?", (reference,)).fetchone()
        if known is None:
            reason = refusal(state, card=card, amount_fen=amount_fen)
            if not reason:
                state.execute("UPDATE cards SET balance_fen = balance_fen - ? WHERE card = ?", (amount_fen, card))
            book(state, reference=reference, card=card, amount_fen=amount_fen, reason=reason)
        elif tuple(known) not in {(card, amount_fen), ("", 0)}:
            raise HTTPException(status_code=409, detail="the reference was used with other content")
    return outcome(state, reference)


def refusal(state: sqlite3.Connection, *, card: str, amount_fen: int) -> str:
    """Say why a pull cannot be carried out; empty when it can."""
    known = state.execute("SELECT balance_fen FROM cards WHERE card = ?", (card,)).fetchone()
    if known is None:
        return "card_unknown"
    if card[-5:-1] == "9999":
        return "card_blocked"
    return "" if 0 < amount_fen <= known[0] else "no_funds"


def book(state: sqlite3.Connection, *, reference: str, card: str, amount_fen: int, reason: str) -> None:
    """Write down what became of a reference."""
    state.execute(
        "INSERT INTO pulls (reference, card, amount_fen, outcome, reason) VALUES (?, ?, ?, ?, ?)",
        (reference, card, amount_fen, "refused" if reason else "done", reason),
    )


def outcome(state: sqlite3.Connection, reference: str) -> dict[str, Any]:
    """Answer what became of a reference."""
    row = state.execute("SELECT outcome, reason FROM pulls WHERE reference = ?", (reference,)).fetchone()
    if row is None:
        raise NotFoundException(detail="this reference never came")
    return {"outcome": row[0], "reason": row[1]} if row[1] else {"outcome": row[0]}


def call_off(state: sqlite3.Connection, reference: str) -> dict[str, Any]:
    """Make sure that a reference which was not carried out never will be."""
    with state:
        state.execute("BEGIN IMMEDIATE")
        if not state.execute("SELECT 1 FROM pulls WHERE reference = ?", (reference,)).fetchone():
            book(state, reference=reference, card="", amount_fen=0, reason="called_off")
    return outcome(state, reference)


def issue(state: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Issue a made-up card to a name."""
    while True:
        card = made_up.card()
        if card[-5:-1] not in {"0000", "9999"} and check_card(state, card=card, name=name)["answer"] == "match":
            return {"card": card}


def statement(state: sqlite3.Connection) -> dict[str, Any]:
    """List what was asked and what became of it."""
    columns = ("reference", "card", "amount_fen", "outcome", "reason")
    rows = state.execute(
        "SELECT reference, card, amount_fen, outcome, reason FROM pulls ORDER BY number LIMIT ?", (STATEMENT_ROWS_MAX,)
    )
    return {"pulls": [dict(zip(columns, row, strict=True)) for row in rows]}


def handlers(state: sqlite3.Connection) -> list[HTTPRouteHandler]:
    """Give the service's routes over its state."""
    behaviour = Behaviour()

    @post("/cards/checks", status_code=200)
    async def card_checks(data: dict[str, str]) -> dict[str, Any]:
        card, name = data["card"], data["name"]
        return await behaviour.answer(lambda: check_card(state, card=card, name=name), changes=False)

    @post("/cards/samples", status_code=200)
    async def card_samples(data: dict[str, str]) -> dict[str, Any]:
        name = data["name"]
        return await behaviour.answer(lambda: issue(state, name), changes=False)

    @post("/pulls", status_code=200)
    async def pulls(data: dict[str, Any]) -> dict[str, Any]:
        reference, card, amount = str(data["reference"]), str(data["card"]), int(data["amount_fen"])
        return await behaviour.answer(
            lambda: pull(state, reference=reference, card=card, amount_fen=amount), changes=True
        )

    @get("/pulls/{reference:str}")
    async def enquiries(reference: str) -> dict[str, Any]:
        return await behaviour.answer(lambda: outcome(state, reference), changes=False)

    @post("/pulls/{reference:str}/call-off", status_code=200)
    async def call_offs(reference: str) -> dict[str, Any]:
        return await behaviour.answer(lambda: call_off(state, reference), changes=True)

    @get("/statement")
    async def statements() -> dict[str, Any]:
        return await behaviour.answer(lambda: statement(state), changes=False)

    return [card_checks, card_samples, pulls, enquiries, call_offs, statements, *control_handlers(behaviour)]


def main() -> None:
    """Run the bank."""
    options = arguments("A bank that exists nowhere.").parse_args()
    serve(application(handlers(open_state(options.state, SCHEMA))), options.port)


if __name__ == "__main__":
    main()
