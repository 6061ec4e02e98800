"""All SQL about citizens and their one-time codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.rows import class_row

from haihe.base.database import Connection, expect_rows, one
from haihe.base.passwords import Tries

_COLUMNS: Final = """
    id, bucket, class AS citizen_class, data_key, name, id_number, phone, id_number_hash, phone_hash, language, passcode,
    registered_at, display
"""

_BY_ID: Final = f"SELECT {_COLUMNS} FROM citizens WHERE id = %s"  # noqa: S608 - a constant list of columns
_BY_IDS: Final = f"SELECT {_COLUMNS} FROM citizens WHERE id = ANY(%s)"  # noqa: S608
_BY_PHONE: Final = f"SELECT {_COLUMNS} FROM citizens WHERE phone_hash = %s"  # noqa: S608
_BY_ID_NUMBERS: Final = f"SELECT {_COLUMNS} FROM citizens WHERE id_number_hash = ANY(%s)"  # noqa: S608

_INSERT: Final = """
INSERT INTO citizens (id, bucket, class, data_key, name, id_number, phone, id_number_hash, phone_hash, language, passcode,
    passcode_tries, passcode_locks, locked_until, registered_at)
SELECT id, bucket, class, data_key, name, id_number, phone, id_number_hash, phone_hash, language, passcode,
    0, 0, 'epoch', registered_at
FROM unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[],
    %s::bytea[], %s::bytea[], %s::text[], %s::text[], %s::timestamptz[])
    AS fresh (id, bucket, class, data_key, name, id_number, phone, id_number_hash, phone_hash, language, passcode,
        registered_at)
ON CONFLICT DO NOTHING
"""

# A code that is younger than the wait stays, unless it has served; then no row comes back.
_PUT_CODE: Final = """
INSERT INTO sign_in_codes (phone_hash, purpose, code_hash, asked_at, expires_at, tries, used)
VALUES (%(phone)s, %(purpose)s, %(code)s, %(now)s, %(expires)s, 0, false)
ON CONFLICT (phone_hash, purpose) DO UPDATE
SET code_hash = excluded.code_hash,
    asked_at = excluded.asked_at,
    expires_at = excluded.expires_at,
    tries = 0,
    used = false
WHERE sign_in_codes.used OR sign_in_codes.asked_at <= %(asked_before)s
RETURNING asked_at
"""

_ASKED_AT: Final = "SELECT asked_at FROM sign_in_codes WHERE phone_hash = %s AND purpose = %s"

_LOCK_CODE: Final = """
SELECT code_hash, expires_at, tries, used
FROM sign_in_codes
WHERE phone_hash = %s AND purpose = %s
FOR UPDATE
"""

_COUNT_CODE_TRY: Final = """
UPDATE sign_in_codes
SET tries = tries + 1
WHERE phone_hash = %s AND purpose = %s
"""

_USE_CODE: Final = """
UPDATE sign_in_codes
SET used = true
WHERE phone_hash = %s AND purpose = %s AND code_hash = %s AND NOT used
"""

_DROP_CODE: Final = "DELETE FROM sign_in_codes WHERE phone_hash = %s AND purpose = %s AND code_hash = %s"
_FORGET_CODES: Final = "DELETE FROM sign_in_codes WHERE expires_at < %s"

_LOCK_PASSCODE: Final = """
SELECT passcode, passcode_tries, passcode_locks, locked_until
FROM citizens
WHERE id = %s
FOR UPDATE
"""

_COUNT_PASSCODE: Final = """
UPDATE citizens
SET passcode_tries = %s,
    passcode_locks = %s,
    locked_until = %s
WHERE id = %s
"""

_SET_PASSCODE: Final = """
UPDATE citizens
SET passcode = %s,
    passcode_tries = 0,
    passcode_locks = 0,
    locked_until = 'epoch'
WHERE id = %s
RETURNING bucket
"""

_SET_DISPLAY: Final = "UPDATE citizens SET display = %s WHERE id = %s"
_SET_LANGUAGE: Final = "UPDATE citizens SET language = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class CitizenRow:
    """A citizen as stored: personal fields sealed, `passcode` an argon2id hash or empty."""

    id: int
    bucket: int
    citizen_class: int
    data_key: bytes
    name: bytes
    id_number: bytes
    phone: bytes
    id_number_hash: bytes
    phone_hash: bytes
    language: str
    passcode: str
    registered_at: datetime
    display: str = ""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """The living one-time code of a phone and purpose."""

    code_hash: bytes
    expires_at: datetime
    tries: int
    used: bool


async def citizen_by_id(connection: Connection, identity: int) -> CitizenRow | None:
    """Find a citizen by id."""
    return await _citizen(connection, _BY_ID, identity)


async def citizens_by_ids(connection: Connection, identities: Sequence[int]) -> list[CitizenRow]:
    """Find citizens by id; the unknown are absent."""
    async with connection.cursor(row_factory=class_row(CitizenRow)) as cursor:
        await cursor.execute(_BY_IDS, (list(identities),))
        return await cursor.fetchall()


async def citizen_by_phone(connection: Connection, phone_hash: bytes) -> CitizenRow | None:
    """Find a citizen by the keyed hash of the phone number."""
    return await _citizen(connection, _BY_PHONE, phone_hash)


async def _citizen(connection: Connection, statement: str, key: object) -> CitizenRow | None:
    async with connection.cursor(row_factory=class_row(CitizenRow)) as cursor:
        await cursor.execute(statement, (key,))
        return await cursor.fetchone()


async def citizens_by_id_number(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, CitizenRow]:
    """Find citizens by the keyed hashes of their ID numbers; the unknown are absent."""
    async with connection.cursor(row_factory=class_row(CitizenRow)) as cursor:
        await cursor.execute(_BY_ID_NUMBERS, (list(hashes),))
        return {row.id_number_hash: row for row in await cursor.fetchall()}


async def insert_citizens(connection: Connection, rows: Sequence[CitizenRow]) -> int:
    """Add citizens whose phone and ID number nobody has; give how many were added."""
    cursor = await connection.execute(
        _INSERT,
        (
            [row.id for row in rows],
            [row.bucket for row in rows],
            [row.citizen_class for row in rows],
            [row.data_key for row in rows],
            [row.name for row in rows],
            [row.id_number for row in rows],
            [row.phone for row in rows],
            [row.id_number_hash for row in rows],
            [row.phone_hash for row in rows],
            [row.language for row in rows],
            [row.passcode for row in rows],
            [row.registered_at for row in rows],
        ),
    )
    return cursor.rowcount


async def put_code(
    connection: Connection, phone_hash: bytes, purpose: int, code: CodeRow, *, now: datetime, asked_before: datetime
) -> datetime | None:
    """Keep a new code; when the last one is younger than `asked_before`, keep that and give when it was asked."""
    values = {
        "phone": phone_hash,
        "purpose": purpose,
        "code": code.code_hash,
        "now": now,
        "expires": code.expires_at,
        "asked_before": asked_before,
    }
    if await (await connection.execute(_PUT_CODE, values)).fetchone():
        return None
    asked_at: datetime = one(await (await connection.execute(_ASKED_AT, (phone_hash, purpose))).fetchone())[0]
    return asked_at


async def lock_code(connection: Connection, phone_hash: bytes, purpose: int) -> CodeRow | None:
    """Read the living code and hold it until the transaction ends."""
    async with connection.cursor(row_factory=class_row(CodeRow)) as cursor:
        await cursor.execute(_LOCK_CODE, (phone_hash, purpose))
        return await cursor.fetchone()


async def count_code_try(connection: Connection, phone_hash: bytes, purpose: int) -> None:
    """Count one failed try of a code."""
    await connection.execute(_COUNT_CODE_TRY, (phone_hash, purpose))


async def use_code(connection: Connection, phone_hash: bytes, purpose: int, code_hash: bytes) -> bool:
    """Use a code up; False when it is used or replaced already."""
    cursor = await connection.execute(_USE_CODE, (phone_hash, purpose, code_hash))
    return cursor.rowcount == 1


async def drop_code(connection: Connection, phone_hash: bytes, purpose: int, code_hash: bytes) -> None:
    """Forget a code that could not be delivered."""
    await connection.execute(_DROP_CODE, (phone_hash, purpose, code_hash))


async def forget_codes(connection: Connection, before: datetime) -> None:
    """Delete the codes that expired before a time."""
    await connection.execute(_FORGET_CODES, (before,))


async def lock_passcode(connection: Connection, citizen: int) -> tuple[str, Tries]:
    """Read the passcode's hash and its wrong tries, and hold them until the transaction ends."""
    row = one(await (await connection.execute(_LOCK_PASSCODE, (citizen,))).fetchone())
    return row[0], Tries(row[1], row[2], row[3])


async def count_passcode(connection: Connection, citizen: int, tries: Tries) -> None:
    """Write what became of the tries."""
    cursor = await connection.execute(_COUNT_PASSCODE, (tries.wrong, tries.locks, tries.locked_until, citizen))
    expect_rows(cursor.rowcount, expected=1, what="passcode tries")


async def set_passcode(connection: Connection, citizen: int, passcode: str) -> int:
    """Write a new passcode's hash and forget wrong tries; give the citizen's bucket."""
    cursor = await connection.execute(_SET_PASSCODE, (passcode, citizen))
    return int(one(await cursor.fetchone())[0])


async def set_language(connection: Connection, citizen: int, language: str) -> None:
    """Write the language a citizen chose."""
    cursor = await connection.execute(_SET_LANGUAGE, (language, citizen))
    expect_rows(cursor.rowcount, expected=1, what="language")


async def set_display(connection: Connection, citizen: int, display: str) -> None:
    """Write how a citizen wants to see the city."""
    cursor = await connection.execute(_SET_DISPLAY, (display, citizen))
    expect_rows(cursor.rowcount, expected=1, what="display")
