"""One-time codes by SMS: asked for, checked, used once.

Asking for a code does the same for a phone that nobody registered as for any other, so nothing can be learnt by asking. Who
holds a right code holds the phone, and only then is told whether the number is registered.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.base.i18n import N_, translate
from haihe.base.vault import Vault
from haihe.outside.http import Unreachable
from haihe.outside.sms import Sms
from haihe.people import errors, rules, store
from haihe.people.model import CODE_DIGITS, CodeAsked, PeopleRules, Purpose
from haihe.people.store import CodeRow

CODE_TRIES_MAX: Final = 5
TEXT: Final = N_("{code} is your code for the city wallet. It holds for {minutes} minutes. Tell it to nobody.")

AT_THE_COUNTER: Final = N_(
    "{code} is your code for the service counter. Tell it to the clerk only if you stand there yourself. It holds for {minutes} minutes."
)


class Verdict(Enum):
    """What a code that was typed is."""

    RIGHT = 0
    WRONG = 1
    EXPIRED = 2
    USED = 3


_REFUSALS: Final = {
    Verdict.WRONG: errors.CodeWrong,
    Verdict.EXPIRED: errors.CodeExpired,
    Verdict.USED: errors.CodeUsed,
}


@dataclass(frozen=True)
class Codes:
    """Sends and checks one-time codes."""

    database: Database
    clock: Clock
    vault: Vault
    sms: Sms
    rules: PeopleRules

    async def ask(self, phone: str, purpose: Purpose, *, language: str, limited: bool = True) -> CodeAsked:
        """Send a code to a phone (already in its usual form). Raises `CodeTooSoon` within 30 s, `Unreachable`.

        `limited` False lifts the 30 s: for the demo on its own machine.
        """
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        lifetime = self.rules.code_lifetime
        await self._keep(phone, purpose, code, limited=limited)
        words = AT_THE_COUNTER if purpose is Purpose.COUNTER else TEXT
        text = translate(language, words, code=code, minutes=lifetime // timedelta(minutes=1))
        try:
            await self.sms.send(phone, text=text, code=code)
        except Unreachable:
            async with self.database.connection() as connection:
                await store.drop_code(connection, self._phone(phone), purpose, self._hash(phone, purpose, code))
            raise
        resend_s = int(self.rules.code_resend.total_seconds()) if limited else 0
        return CodeAsked(int(lifetime.total_seconds()), resend_s, code if self.rules.codes_shown else "")

    async def _keep(self, phone: str, purpose: Purpose, code: str, *, limited: bool) -> None:
        now = self.clock.now()
        asked_before = now - self.rules.code_resend if limited else now
        row = CodeRow(self._hash(phone, purpose, code), now + self.rules.code_lifetime, tries=0, used=False)
        async with self.database.connection() as connection:
            last = await store.put_code(
                connection, self._phone(phone), purpose, row, now=now, asked_before=asked_before
            )
        if last is not None:
            wait = last + self.rules.code_resend - now
            raise errors.CodeTooSoon(retry_after_s=max(1, -(-wait // timedelta(seconds=1))))

    async def check(self, phone: str, purpose: Purpose, code: str) -> None:
        """Check a code without using it up; a wrong one is counted. Raises `CodeWrong`, `CodeExpired`, `CodeUsed`."""
        async with self.database.transaction() as connection:
            verdict = self._judge(
                await store.lock_code(connection, self._phone(phone), purpose),
                self._hash(phone, purpose, code),
            )
            if verdict is Verdict.WRONG:
                await store.count_code_try(connection, self._phone(phone), purpose)
        if verdict is not Verdict.RIGHT:  # after the commit: the count must stay
            raise _REFUSALS[verdict](field="code")

    def _judge(self, row: CodeRow | None, code_hash: bytes) -> Verdict:
        if row is None or row.tries >= CODE_TRIES_MAX or row.expires_at <= self.clock.now():
            return Verdict.EXPIRED
        if not hmac.compare_digest(row.code_hash, code_hash):
            return Verdict.WRONG
        return Verdict.USED if row.used else Verdict.RIGHT

    async def use(self, connection: Connection, phone: str, purpose: Purpose, code: str) -> None:
        """Use a checked code up, inside the transaction of what it allows. Raises `CodeUsed` when another was faster."""
        if not await store.use_code(connection, self._phone(phone), purpose, self._hash(phone, purpose, code)):
            raise errors.CodeUsed(field="code")

    async def count_failure(self, phone: str, purpose: Purpose) -> None:
        """Count a failure that followed a right code, so that one code cannot serve for guessing at the registry."""
        async with self.database.connection() as connection:
            await store.count_code_try(connection, self._phone(phone), purpose)

    async def forget_expired(self) -> None:
        """Delete codes that expired."""
        async with self.database.connection() as connection:
            await store.forget_codes(connection, self.clock.now())

    def _phone(self, phone: str) -> bytes:
        return self.vault.search_hash("phone", phone)

    def _hash(self, phone: str, purpose: Purpose, code: str) -> bytes:
        return self.vault.search_hash("code", f"{phone}|{int(purpose)}|{rules.digits(code)}")
