"""Check what Haihe signed, without Haihe: a payment's proof (.json), a day of an organisation (.csv, its statement beside it), a checkpoint.

    python check_proof.py KEY FILE...

KEY is the city's key, one line NAME+KEYHASH+BASE64, or a file that holds it. Get it from the city (/api/seal/key) and compare it with one
that you got elsewhere: it is all that has to be trusted. Exit code 0: every file is proved; 1: one is not. Needs Python 3.11 and the
package cryptography. docs/proof.md says why each step is taken.
"""

import csv
import hashlib
import json
import re
import struct
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

COLUMNS = "bucket batch place id debit credit amount payment names effective posted previous_debit previous_credit kind currency phase risk"
ROW = struct.Struct(">hqi10q4h")
SMALL, TIMES = {"bucket", "place", "kind", "currency", "phase", "risk"}, {"effective", "posted"}
CHECKPOINT = re.compile(
    r"(\S+)\nhaihe-checkpoint-1\nnumber (\d+)\ntime (\S+)\nprevious [0-9a-f]{64}\nleaves (\d+)\nroot ([0-9a-f]{64})\n"
    r"((?:bucket \d+ batch \d+ hash [0-9a-f]{64}\n)+)"
)
STATEMENT = re.compile(
    r"haihe settlement v1\norganisation (.+)\nday (\S+)\nlines (\d+)\ngross (\d+)\nrefunds (\d+)\nfees (\d+)\nnet (-?\d+)\n"
    r"file ([0-9a-f]{64})\nprevious ([0-9a-f]{64})\n"
)
UNREADABLE = (OSError, ValueError, TypeError, LookupError, AttributeError, struct.error, RecursionError)


class Forged(Exception):
    """What was given is not what the city signed."""


def need(holds, what):
    if not holds:
        raise Forged(what)


def sha256(data):
    return hashlib.sha256(data).digest()


def decoded(text):
    """Read base64 that is written as base64 writes it."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        raise Forged("something is not base64") from None
    need(b64encode(raw).decode() == text, "something is not base64")
    return raw


def read_note(note, key):
    """Give the text of a signed note: text, empty line, a line "— NAME BASE64" with four bytes of the key's hash and the signature."""
    name, hash_hex, encoded = key.split("+", 2)
    raw = decoded(encoded)
    key_hash = sha256(name.encode() + b"\n" + raw)[:4]
    need(raw[0] == 1 and len(raw) == 33 and key_hash.hex() == hash_hex, "the key is damaged")
    text, found, line = note.rpartition("\n\n")
    signed = re.fullmatch(f"\N{EM DASH} {re.escape(name)} ([^\n]+)\n", line)
    need(found and signed, f"it is not signed by {name}")
    signature = decoded(signed[1])
    need(signature[:4] == key_hash, f"it is not signed by the key of {name}")
    try:
        Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature[4:], f"{text}\n".encode())
    except InvalidSignature:
        raise Forged(f"its text is not what {name} signed") from None
    return text + "\n"


def checkpoint(note, key):
    """Read a signed checkpoint: its number, time, leaves and root."""
    found = CHECKPOINT.fullmatch(read_note(note, key))
    need(found, "the signed text is not a checkpoint")
    origin, number, time, leaves, root, _ = found.groups()
    return origin, int(number), time, int(leaves), bytes.fromhex(root)


def climb(leaf, index, size, path):
    """Give the root that a leaf's audit path leads to (RFC 6962, section 2.1.1)."""
    need(0 <= index < size, "a place is not in its tree")
    need(all(re.fullmatch("[0-9a-f]{64}", step) for step in path), "a path is damaged")
    steps = [bytes.fromhex(step) for step in path]
    while size > 1:
        if index ^ 1 < size:
            need(steps, "a path is too short")
            leaf = sha256(b"\x01" + (steps.pop(0) + leaf if index % 2 else leaf + steps.pop(0)))
        index, size = index // 2, (size + 1) // 2
    need(not steps, "a path is too long")
    return leaf


def microseconds(text):
    """Give a time as microseconds since 2000."""
    time = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    need(f"{time:%Y-%m-%dT%H:%M:%S.%f}Z" == text, "a time is not written as it must be")
    return (time - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def number(text):
    need(isinstance(text, str) and re.fullmatch("0|-?[1-9][0-9]*", text), "a number is not written as it must be")
    return int(text)


def row_of(transfer):
    """Write a transfer's columns as the bytes that its leaf hashes."""
    need(list(transfer) == [*COLUMNS.split(), "path"], "a transfer has other columns")
    values = []
    for name in COLUMNS.split():
        value = transfer[name]
        need(type(value) is (int if name in SMALL else str), "a column is not written as it must be")
        values.append(value if name in SMALL else microseconds(value) if name in TIMES else number(value))
    return ROW.pack(*values)


def check_proof(data, key):
    """Check a payment's proof from its transfers up to the signature, and say what it proves."""
    proof = json.loads(data)
    need((json.dumps(proof, indent=1, ensure_ascii=False) + "\n").encode() == data, "it is not written as it must be")
    need(list(proof) == ["format", "posting", "transfers", "batch", "leaf", "path", "checkpoint"], "it has other parts")
    batch, posting, transfers = proof["batch"], number(proof["posting"]), proof["transfers"]
    need(proof["format"] == "haihe-proof-1" and posting % 16 == 0 and transfers, "it is another format")
    need(list(batch) == ["bucket", "number", "transfers", "hash"], "its batch has other parts")
    need(re.fullmatch("[0-9a-f]{64}", batch["hash"]), "the hash of its batch is damaged")
    need(type(batch["bucket"]) is type(batch["transfers"]) is type(proof["leaf"]) is int, "its numbers are damaged")
    roots = {climb(sha256(b"\0" + row_of(one)), one["place"] - 1, batch["transfers"], one["path"]) for one in transfers}
    ids = [int(one["id"]) for one in transfers]
    need(ids == sorted(set(ids)) and all(one & ~15 == posting for one in ids), "a transfer is not of this posting")
    need(len(roots) == 1, "its transfers are not of one batch")
    where = (batch["bucket"], batch["number"])
    need(all((one["bucket"], one["batch"]) == where for one in transfers), "a transfer is of another batch")
    head = struct.pack(">hqi", batch["bucket"], number(batch["number"]), batch["transfers"])
    leaf = sha256(b"\0" + head + bytes.fromhex(batch["hash"]) + roots.pop())
    origin, count, time, leaves, root = checkpoint(proof["checkpoint"], key)
    need(origin == key.partition("+")[0], "the checkpoint is of another city")
    need(climb(leaf, proof["leaf"], leaves, proof["path"]) == root, "it is not what the checkpoint signed")
    yield f"posting {posting} stands in the ledger of {origin}, and {origin} signed so in checkpoint {count} at {time}:"
    for one in transfers:
        minor = int(one["amount"])
        yield (
            f"  {minor // 100}.{minor % 100:02} (currency {one['currency']}) from account {one['debit']} to account {one['credit']}, kind"
            f" {one['kind']}, payment {one['payment']}, posted at {one['posted']}: transfer {one['place']} of"
            f" {batch['transfers']} in batch {batch['number']} of bucket {batch['bucket']}"
        )


def check_day(data, note, key):
    """Check an organisation's day: the file is the one that was signed, and its lines add up to the signed sums."""
    found = STATEMENT.fullmatch(read_note(note, key))
    need(found, "the signed text is not a day's statement")
    organisation, day, *sums, file, previous = found.groups()
    lines, gross, refunds, fees, net = map(int, sums)
    need(sha256(data).hex() == file, "the file is not the one that was signed")
    rows = list(csv.DictReader(data.decode().splitlines()))
    added = [sum(int(row[column]) for row in rows) for column in ("gross_fen", "refund_fen", "fee_fen")]
    need(len(rows) == lines and added == [gross, refunds, fees], "the lines do not add up to what was signed")
    need(net == gross - refunds - fees, "the signed sums do not agree with one another")
    yield f"the day {day} of {organisation}, signed by {key.partition('+')[0]}, statement before it {previous[:12]}:"
    yield f"  {lines} lines; gross {gross}, refunds {refunds}, fees {fees}, net {net} fen: the lines add up"


def check(path, key):
    if path.suffix == ".csv":
        notes = [file for ending in (".note", ".txt") if (file := path.with_suffix(ending)).is_file()]
        need(notes, "its statement is not beside it (the same name, ending in .note or .txt)")
        return list(check_day(path.read_bytes(), notes[0].read_bytes().decode(), key))
    if path.suffix == ".note":
        origin, count, time, leaves, _ = checkpoint(path.read_bytes().decode(), key)
        return [f"checkpoint {count} of {origin}, signed at {time}, covers {leaves} new batches"]
    return list(check_proof(path.read_bytes(), key))


def main(key, *files):
    key = (Path(key).read_text() if Path(key).is_file() else key).removesuffix("\n")
    failed = 0
    for file in files:
        try:
            print(f"PROVED {file}", *check(Path(file), key), sep="\n")
        except (*UNREADABLE, Forged) as error:
            failed = 1
            print(f"NOT PROVED {file}: {error}")
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 2 else __doc__)
