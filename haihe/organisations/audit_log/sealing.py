"""The sealer of the audit log: whenever it grew, the city signs how far it is, within half a minute.

However many processes run it, one at a time signs (an advisory lock of the transaction). What it signs is committed: the head of the
log is read as everybody sees it, and nobody who writes a deed waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from haihe.base.background import keep_doing
from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.notes import Signer, read_note
from haihe.organisations.audit_log import store
from haihe.organisations.audit_log.checkpoint import NO_HASH, AuditCheckpoint

SEAL_EVERY_S: Final = 20.0


@dataclass(frozen=True)
class AuditSealer:
    """Seals the audit log under the city's key."""

    database: Database
    clock: Clock
    signer: Signer

    async def run(self) -> None:
        """Seal for ever."""
        await keep_doing(self.seal, every_s=SEAL_EVERY_S, name="audit seal")

    async def seal(self) -> AuditCheckpoint | None:
        """Sign the log as far as it is, if it grew and nobody else is sealing."""
        return await self.database.repeat(self._seal)

    async def _seal(self, connection: Connection) -> AuditCheckpoint | None:
        if not await store.try_lock(connection):
            return None
        row, digest = await store.head(connection)
        newest = await store.newest(connection)
        if row <= (newest.row if newest else 0):
            return None
        before = (
            AuditCheckpoint.from_text(read_note(newest.note, self.signer.verifier_key)) if newest is not None else None
        )
        now = self.clock.now()
        made = AuditCheckpoint(
            origin=self.signer.name,
            number=before.number + 1 if before else 1,
            time=max(now, before.time) if before else now,
            previous=before.hash if before else NO_HASH,
            row=row,
            row_hash=digest,
        )
        note = self.signer.sign(made.to_text())
        await store.add(connection, made.number, row, made.hash, note, at=made.time)
        return made
