"""Sessions of citizens: tokens issued and read. Reading asks no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from haihe.base.clock import Clock
from haihe.base.ids import Ids
from haihe.base.revocations import Revocations
from haihe.base.tokens import Audience, Grant, TokenInvalid, Tokens
from haihe.people.model import SESSION_LIFETIME
from haihe.web.guards import Viewer

SEEN_MAX: Final = 100_000
"""So many sessions are remembered as seen until that is written down; who comes beyond them is seen the next time."""


@dataclass(frozen=True)
class Sessions:
    """Issues and reads the tokens of citizens."""

    tokens: Tokens
    clock: Clock
    ids: Ids
    revocations: Revocations
    lifetime: timedelta = SESSION_LIFETIME
    seen: set[int] = field(default_factory=set, repr=False)
    """Sessions whose tokens were shown since `people.devices` last wrote that down."""

    def begin(self, *, person: int, bucket: int, lifetime: timedelta) -> tuple[str, Grant]:
        """Begin a session, with an id of its own; give its token and what that says."""
        expires_at = self.clock.now() + lifetime
        grant = Grant(Audience.CITIZEN, person, bucket, self.ids.next(), int(expires_at.timestamp()))
        return self.tokens.issue(grant), grant

    def grant(self, token: str) -> Grant:
        """Read a token. Raises `TokenInvalid`, also for a session that was ended or a person who was erased, and `TokenExpired`."""
        grant = self.tokens.read(token, Audience.CITIZEN, self.clock.now())
        if grant.session in self.revocations or grant.person in self.revocations:
            raise TokenInvalid
        return grant

    async def viewer(self, token: str) -> Viewer:
        """Tell which citizen a token belongs to; the doorkeeper's half for citizens. Raises like `grant`."""
        grant = self.grant(token)
        if len(self.seen) < SEEN_MAX:
            self.seen.add(grant.session)
        lasts_s = grant.expires_s - self.clock.now().timestamp()
        is_aging = lasts_s < self.lifetime.total_seconds() / 2
        return Viewer(grant.person, grant.bucket, grant.session, is_aging=is_aging)
