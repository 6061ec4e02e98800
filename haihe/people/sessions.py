"""Sessions of citizens: tokens issued, read and ended. Reading asks no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from haihe.base.clock import Clock
from haihe.base.ids import Ids
from haihe.base.revocations import Revocations
from haihe.base.tokens import Audience, Grant, TokenExpired, TokenInvalid, Tokens
from haihe.web.guards import Viewer


@dataclass(frozen=True)
class Sessions:
    """Issues and reads the tokens of citizens."""

    tokens: Tokens
    clock: Clock
    ids: Ids
    revocations: Revocations

    def begin(self, *, person: int, bucket: int, lifetime: timedelta) -> tuple[str, datetime]:
        """Begin a session; give its token and its end."""
        expires_at = self.clock.now() + lifetime
        grant = Grant(Audience.CITIZEN, person, bucket, self.ids.next(), int(expires_at.timestamp()))
        return self.tokens.issue(grant), expires_at

    def grant(self, token: str) -> Grant:
        """Read a token. Raises `TokenInvalid`, also for a session that was ended, and `TokenExpired`."""
        grant = self.tokens.read(token, Audience.CITIZEN, self.clock.now())
        if grant.session in self.revocations:
            raise TokenInvalid
        return grant

    async def viewer(self, token: str) -> Viewer:
        """Tell which citizen a token belongs to; the doorkeeper's half for citizens. Raises like `grant`."""
        grant = self.grant(token)
        return Viewer(grant.person, grant.bucket, grant.session)

    async def end(self, token: str) -> None:
        """End the session of a token; what is no valid token needs no end."""
        try:
            grant = self.grant(token)
        except (TokenInvalid, TokenExpired):
            return
        await self.revocations.revoke(grant.session, expires_s=grant.expires_s)
