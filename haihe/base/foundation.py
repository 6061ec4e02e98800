"""What every part with people in it stands on, so that it is handed over as one."""

from __future__ import annotations

from dataclasses import dataclass

from haihe.base.audit import Audit
from haihe.base.clock import Clock
from haihe.base.confirmations import Confirmations
from haihe.base.database import Database
from haihe.base.ids import Ids
from haihe.base.passwords import Passwords
from haihe.base.revocations import Revocations
from haihe.base.tokens import Tokens
from haihe.base.vault import Vault


@dataclass(frozen=True)
class Foundation:
    """Database, clock, ids, keys and ended sessions of one process."""

    database: Database
    clock: Clock
    ids: Ids
    vault: Vault
    tokens: Tokens
    revocations: Revocations

    @property
    def passwords(self) -> Passwords:
        """Secrets of people, hashed under the city's key."""
        return Passwords(self.vault)

    @property
    def confirmations(self) -> Confirmations:
        """What proves that someone confirmed a request."""
        return Confirmations(self.vault, self.clock)

    @property
    def audit(self) -> Audit:
        """The log of who did what."""
        return Audit(self.database, self.clock)
