"""A bank that exists nowhere: cards, money pulled from them into the city's reserve, and money pushed out of it, each reference once.

    python -m demo.services.bank --port 9102 --state bank.sqlite

Any card with a right check digit is taken to belong to the first name it is asked about and begins with 100,000 yuan. Cards
whose last five digits begin with 0000 have no money, those with 9999 there are lost and refused. Any account takes money, unless its
last five digits begin with 9999; pushed to a card that is known here, it is on the card. The reserve account begins empty; nobody can push out what is not in it.

| request | answer |
|---|---|
| `POST /cards/checks {"card", "name"}` | `{"answer": "match" or "mismatch"}` |
| `POST /cards/samples {"name"}` | `{"card"}`: a made-up card issued to this name |
| `POST /pulls {"reference", "card", "amount_fen"}` | `{"outcome": "done"}` or `{"outcome": "refused", "reason"}`, with `reference` and `amount_fen`; 409 when the reference was used with other content |
| `GET /pulls/{reference}` | the same as the pull was answered; 404 when it never came |
| `POST /pulls/{reference}/call-off` | what it was, or `refused`, `called_off`: then it will never be carried out |
| `POST /pushes {"reference", "account", "amount_fen"}` | the same for money out of the reserve to an account |
| `GET /pushes/{reference}`, `POST /pushes/{reference}/call-off` | as for pulls |
| `POST /deposits {"reference", "amount_fen"}` | `{"outcome": "done"}`: money that the city's founders paid into the reserve; a reference once |
| `GET /statement` | `{"pulls": [{"reference", "card", "amount_fen", "outcome", "reason"}], "pushes": [… "account" …]}` in the order they came |
| `GET /reserve?after=N` | `{"lines": [{"number", "kind", "reference", "amount_fen", "balance_fen"}]}`: the reserve account's lines after line N, money that left it negative, with the balance after each; at most 300 |
| `POST /control`, `GET /healthz` | demo/services/misbehaviour.py; the doors are `cards`, `pulls`, `pushes`, `enquiries`, `statement` |

Reasons: `card_unknown`, `card_blocked`, `account_closed`, `no_funds`, `called_off`.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from litestar import get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from demo.services import made_up
from demo.services.misbehaviour import Behaviour, control_handlers
from demo.services.running import application, arguments, open_state, serve

OPENING_FEN: Final = 10_000_000
STATEMENT_ROWS_MAX: Final = 10_000
RESERVE_LINES_MAX: Final = 300
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
CREATE TABLE IF NOT EXISTS pushes (
    number     INTEGER PRIMARY KEY,
    reference  TEXT NOT NULL UNIQUE,
    account    TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    reason     TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS lines (
    number      INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,
    reference   TEXT NOT NULL,
    amount_fen  INTEGER NOT NULL,
    balance_fen INTEGER NOT NULL,
    UNIQUE (kind, reference)
);
-- What an older bank pulled before it kept lines.
INSERT OR IGNORE INTO lines (kind, reference, amount_fen, balance_fen)
SELECT 'pull', reference, amount_fen, sum(amount_fen) OVER (ORDER BY number)
FROM pulls
WHERE outcome = 'done' AND NOT EXISTS (SELECT 1 FROM lines);
"""

Way = Literal["pulls", "pushes"]
OTHER_SIDE: Final[dict[Way, str]] = {"pulls": "card", "pushes": "account"}
"""What money comes from or goes to, by its way."""


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
        if is_new(state, "pulls", reference=reference, other=card, amount_fen=amount_fen):
            reason = pull_refusal(state, card=card, amount_fen=amount_fen)
            if not reason:
                state.execute("UPDATE cards SET balance_fen = balance_fen - ? WHERE card = ?", (amount_fen, card))
                enter(state, "pull", reference=reference, amount_fen=amount_fen)
            book(state, "pulls", reference=reference, other=card, amount_fen=amount_fen, reason=reason)
    return outcome(state, "pulls", reference)


def push(state: sqlite3.Connection, *, reference: str, account: str, amount_fen: int) -> dict[str, Any]:
    """Carry out a push once; a known reference is answered as before."""
    with state:
        state.execute("BEGIN IMMEDIATE")
        if is_new(state, "pushes", reference=reference, other=account, amount_fen=amount_fen):
            reason = push_refusal(state, account=account, amount_fen=amount_fen)
            if not reason:
                state.execute("UPDATE cards SET balance_fen = balance_fen + ? WHERE card = ?", (amount_fen, account))
                enter(state, "push", reference=reference, amount_fen=-amount_fen)
            book(state, "pushes", reference=reference, other=account, amount_fen=amount_fen, reason=reason)
    return outcome(state, "pushes", reference)


def deposit(state: sqlite3.Connection, *, reference: str, amount_fen: int) -> dict[str, Any]:
    """Take money of the city's founders into the reserve, once for each reference."""
    if amount_fen <= 0:
        raise HTTPException(status_code=422, detail="a deposit is more than nothing")
    with state:
        state.execute("BEGIN IMMEDIATE")
        known = state.execute("SELECT amount_fen FROM lines WHERE kind = 'deposit' AND reference = ?", (reference,))
        row = known.fetchone()
        if row is None:
            enter(state, "deposit", reference=reference, amount_fen=amount_fen)
        elif row[0] != amount_fen:
            raise HTTPException(status_code=409, detail="the reference was used with other content")
    return {"outcome": "done"}


def is_new(state: sqlite3.Connection, way: Way, *, reference: str, other: str, amount_fen: int) -> bool:
    """Tell whether a reference comes for the first time; one with other content is refused."""
    row = state.execute(
        f"SELECT {OTHER_SIDE[way]}, amount_fen FROM {way} WHERE reference = ?",  # noqa: S608 - names from the table above
        (reference,),
    ).fetchone()
    if row is not None and tuple(row) not in {(other, amount_fen), ("", 0)}:
        raise HTTPException(status_code=409, detail="the reference was used with other content")
    return row is None


def pull_refusal(state: sqlite3.Connection, *, card: str, amount_fen: int) -> str:
    """Say why a pull cannot be carried out; empty when it can."""
    known = state.execute("SELECT balance_fen FROM cards WHERE card = ?", (card,)).fetchone()
    if known is None:
        return "card_unknown"
    if card[-5:-1] == "9999":
        return "card_blocked"
    return "" if 0 < amount_fen <= known[0] else "no_funds"


def push_refusal(state: sqlite3.Connection, *, account: str, amount_fen: int) -> str:
    """Say why a push cannot be carried out; empty when it can."""
    if account[-5:-1] == "9999":
        return "account_closed"
    return "" if 0 < amount_fen <= reserve(state) else "no_funds"


def reserve(state: sqlite3.Connection) -> int:
    """Tell what is in the reserve account."""
    row = state.execute("SELECT balance_fen FROM lines ORDER BY number DESC LIMIT 1").fetchone()
    return int(row[0]) if row else 0


def enter(state: sqlite3.Connection, kind: str, *, reference: str, amount_fen: int) -> None:
    """Write a line of the reserve account: what came in, or left it (negative), and the balance after it."""
    state.execute(
        "INSERT INTO lines (kind, reference, amount_fen, balance_fen) VALUES (?, ?, ?, ?)",
        (kind, reference, amount_fen, reserve(state) + amount_fen),
    )


def book(state: sqlite3.Connection, way: Way, *, reference: str, other: str, amount_fen: int, reason: str) -> None:
    """Write down what became of a reference."""
    state.execute(
        f"INSERT INTO {way} (reference, {OTHER_SIDE[way]}, amount_fen, outcome, reason) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
        (reference, other, amount_fen, "refused" if reason else "done", reason),
    )


def outcome(state: sqlite3.Connection, way: Way, reference: str) -> dict[str, Any]:
    """Answer what became of a reference."""
    row = state.execute(
        f"SELECT outcome, reason, amount_fen FROM {way} WHERE reference = ?",  # noqa: S608 - a name from the table above
        (reference,),
    ).fetchone()
    if row is None:
        raise NotFoundException(detail="this reference never came")
    said = {"outcome": row[0], "reference": reference, "amount_fen": row[2]}
    return {**said, "reason": row[1]} if row[1] else said


def call_off(state: sqlite3.Connection, way: Way, reference: str) -> dict[str, Any]:
    """Make sure that a reference which was not carried out never will be."""
    with state:
        state.execute("BEGIN IMMEDIATE")
        if not state.execute(f"SELECT 1 FROM {way} WHERE reference = ?", (reference,)).fetchone():  # noqa: S608
            book(state, way, reference=reference, other="", amount_fen=0, reason="called_off")
    return outcome(state, way, reference)


def issue(state: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Issue a made-up card to a name."""
    while True:
        card = made_up.card()
        if card[-5:-1] not in {"0000", "9999"} and check_card(state, card=card, name=name)["answer"] == "match":
            return {"card": card}


def statement(state: sqlite3.Connection) -> dict[str, Any]:
    """List what was asked and what became of it."""
    return {way: asked(state, way) for way in OTHER_SIDE}


def asked(state: sqlite3.Connection, way: Way) -> list[dict[str, Any]]:
    """List what was asked one way."""
    columns = ("reference", OTHER_SIDE[way], "amount_fen", "outcome", "reason")
    rows = state.execute(
        f"SELECT {', '.join(columns)} FROM {way} ORDER BY number LIMIT ?",  # noqa: S608
        (STATEMENT_ROWS_MAX,),
    )
    return [dict(zip(columns, row, strict=True)) for row in rows]


def reserve_lines(state: sqlite3.Connection, after: int) -> dict[str, Any]:
    """List the reserve account's lines after one of them."""
    columns = ("number", "kind", "reference", "amount_fen", "balance_fen")
    rows = state.execute(
        f"SELECT {', '.join(columns)} FROM lines WHERE number > ? ORDER BY number LIMIT ?",  # noqa: S608
        (after, RESERVE_LINES_MAX),
    )
    return {"lines": [dict(zip(columns, row, strict=True)) for row in rows]}


@dataclass(frozen=True)
class Doors:
    """How each of the bank's doors behaves."""

    cards: Behaviour = field(default_factory=Behaviour)
    pulls: Behaviour = field(default_factory=Behaviour)
    pushes: Behaviour = field(default_factory=Behaviour)
    enquiries: Behaviour = field(default_factory=Behaviour)
    statement: Behaviour = field(default_factory=Behaviour)


def incoming(state: sqlite3.Connection, doors: Doors) -> list[HTTPRouteHandler]:
    """Give the routes by which money comes in."""

    @post("/cards/checks", status_code=200)
    async def card_checks(data: JSONBody[dict[str, str]]) -> dict[str, Any]:
        card, name = data["card"], data["name"]
        return await doors.cards.answer(lambda: check_card(state, card=card, name=name), changes=False)

    @post("/cards/samples", status_code=200)
    async def card_samples(data: JSONBody[dict[str, str]]) -> dict[str, Any]:
        name = data["name"]
        return await doors.cards.answer(lambda: issue(state, name), changes=False)

    @post("/pulls", status_code=200)
    async def pulls(data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
        reference, card, amount = str(data["reference"]), str(data["card"]), int(data["amount_fen"])
        return await doors.pulls.answer(
            lambda: pull(state, reference=reference, card=card, amount_fen=amount), changes=True
        )

    @post("/deposits", status_code=200)
    async def deposits(data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
        reference, amount = str(data["reference"]), int(data["amount_fen"])
        return await doors.pulls.answer(lambda: deposit(state, reference=reference, amount_fen=amount), changes=True)

    return [card_checks, card_samples, pulls, deposits]


def outgoing(state: sqlite3.Connection, doors: Doors) -> list[HTTPRouteHandler]:
    """Give the routes by which money leaves, and those that tell what did."""

    @post("/pushes", status_code=200)
    async def pushes(data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
        reference, account, amount = str(data["reference"]), str(data["account"]), int(data["amount_fen"])
        return await doors.pushes.answer(
            lambda: push(state, reference=reference, account=account, amount_fen=amount), changes=True
        )

    @get("/reserve")
    async def reserves(after: FromQuery[int] = 0) -> dict[str, Any]:
        return await doors.statement.answer(lambda: reserve_lines(state, after), changes=False)

    @get("/statement")
    async def statements() -> dict[str, Any]:
        return await doors.statement.answer(lambda: statement(state), changes=False)

    return [pushes, reserves, statements]


def enquiries(state: sqlite3.Connection, behaviour: Behaviour, way: Way) -> list[HTTPRouteHandler]:
    """Give the routes that ask what became of a reference, and call it off."""

    @get(f"/{way}/{{reference:str}}")
    async def enquiry(reference: FromPath[str]) -> dict[str, Any]:
        return await behaviour.answer(lambda: outcome(state, way, reference), changes=False)

    @post(f"/{way}/{{reference:str}}/call-off", status_code=200)
    async def calling_off(reference: FromPath[str]) -> dict[str, Any]:
        return await behaviour.answer(lambda: call_off(state, way, reference), changes=True)

    return [enquiry, calling_off]


def handlers(state: sqlite3.Connection) -> list[HTTPRouteHandler]:
    """Give the service's routes over its state."""
    doors = Doors()
    asking = [route for way in OTHER_SIDE for route in enquiries(state, doors.enquiries, way)]
    control = control_handlers(
        Behaviour(),
        cards=doors.cards,
        pulls=doors.pulls,
        pushes=doors.pushes,
        enquiries=doors.enquiries,
        statement=doors.statement,
    )
    return [*incoming(state, doors), *outgoing(state, doors), *asking, *control]


def main() -> None:
    """Run the bank."""
    options = arguments("A bank that exists nowhere.").parse_args()
    serve(application(handlers(open_state(options.state, SCHEMA))), options.port)


if __name__ == "__main__":
    main()
