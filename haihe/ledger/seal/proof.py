"""Proofs: that a posting stands in the ledger, for whoever has the city's key and nothing else of the city."""

from __future__ import annotations

import json
from typing import Final

from haihe.base.database import Connection
from haihe.base.errors import BrokenInvariantError, Refusal
from haihe.base.i18n import N_
from haihe.ledger.seal import store
from haihe.ledger.seal.checkpoint import Checkpoint, in_utc
from haihe.ledger.seal.merkle import leaf_of, leaves_of, path_of, root_of
from haihe.ledger.seal.rows import ROW_BYTES, Row, batch_leaf, time_of

FORMAT: Final = "haihe-proof-1"
_TIMES: Final = ("effective", "posted")
_SMALL: Final = ("bucket", "place", "kind", "currency", "phase", "risk")


class NotSealedYet(Refusal):
    """The posting is stored, and the checkpoint that will cover it is not signed yet."""

    code = "not_sealed_yet"
    status = 409
    text = N_("The city has not signed this payment yet. It does so within a minute; please try again in a moment.")


class NothingPosted(Refusal):
    """No money moved under this id."""

    code = "nothing_posted"
    status = 404
    text = N_("Nothing was posted here, so there is nothing to prove.")


async def proof_of(connection: Connection, bucket: int, posting: int) -> dict[str, object]:
    """Make the proof of a posting, as docs/proof.md says it: its own transfers, and of everything else only hashes.

    Raises `NothingPosted`, `NotSealedYet`.
    """
    rows = await store.rows_of_posting(connection, bucket, posting)
    if not rows:
        raise NothingPosted
    number = Row.read(rows[0]).batch
    covering = await store.covering(connection, bucket, number)
    if covering is None:
        raise NotSealedYet
    leaves = leaves_of(await store.rows_of_batch(connection, bucket, number), ROW_BYTES)
    notes = await store.newest(connection, before=covering + 1, limit=2)
    signed, *before = [Checkpoint.from_text(note.note.rpartition("\n\n")[0] + "\n") for note in notes]
    since = {one: before[0].stands[one].batch if before else 0 for one in signed.stands}
    tree = await store.batches_between(connection, since, {one: stand.batch for one, stand in signed.stands.items()})
    index, batch = next((i, one) for i, one in enumerate(tree) if (one.bucket, one.number) == (bucket, number))
    batch_leaves = [batch_leaf(*one) for one in tree]
    if root_of(leaves) != batch.root or root_of(batch_leaves) != signed.root:
        message = f"batch {number} of bucket {bucket} is not what was sealed"
        raise BrokenInvariantError(message)
    return {
        "format": FORMAT,
        "posting": str(posting),
        "transfers": [_transfer(row, leaves) for row in rows],
        "batch": {"bucket": bucket, "number": str(number), "transfers": batch.transfers, "hash": batch.chain.hex()},
        "leaf": index,
        "path": [node.hex() for node in path_of(batch_leaves, index)],
        "checkpoint": notes[0].note,
    }


def written(proof: dict[str, object]) -> str:
    """Write a proof as its file: the one way that counts, so that any changed byte is noticed."""
    return json.dumps(proof, indent=1, ensure_ascii=False) + "\n"


def _transfer(row: bytes, leaves: list[bytes]) -> dict[str, object]:
    read = Row.read(row)
    index = read.place - 1
    if leaves[index] != leaf_of(row):
        message = f"transfer {read.id} is not at its place"
        raise BrokenInvariantError(message)
    return {name: _value(name, value) for name, value in read._asdict().items()} | {
        "path": [node.hex() for node in path_of(leaves, index)]
    }


def _value(name: str, value: int) -> int | str:
    """Write a column: ids and amounts as text, since many programs would round them, and times as people write them."""
    if name in _TIMES:
        return in_utc(time_of(value))
    return value if name in _SMALL else str(value)
