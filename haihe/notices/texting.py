"""Sends short messages, beside the reader, so that a slow phone operator holds up nothing else.

A message is taken before it is sent and marked as sent afterwards: whoever dies in between leaves it to be sent again, so it arrives at least
once, and the record says when. The phone number is opened only for this.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final

import structlog

from haihe.base.clock import Clock
from haihe.base.database import Database
from haihe.notices import store
from haihe.notices.model import Text
from haihe.notices.telling import NameOf, told
from haihe.outside.http import Unreachable
from haihe.outside.sms import Sms
from haihe.people.service import People

TEXTS_AT_ONCE: Final = 20
SENDING_S_MAX: Final = 20.0
TAKEN_FOR: Final = timedelta(seconds=60)
"""Longer than sending may take, so that nobody else sends it meanwhile."""
TRIES_MAX: Final = 10

log = structlog.get_logger("haihe.notices")


class TextState(IntEnum):
    """What became of a short message."""

    WAITING = 0
    SENT = 1
    GIVEN_UP = 2


@dataclass(frozen=True)
class Texting:
    """Sends what waits."""

    database: Database
    clock: Clock
    people: People
    sms: Sms
    name_of: NameOf

    async def send_waiting(self) -> int:
        """Send the short messages whose time has come; give how many were taken."""
        now = self.clock.now()
        async with self.database.transaction() as connection:
            taken = await store.take_texts(connection, now=now, until=now + TAKEN_FOR, limit=TEXTS_AT_ONCE)
        await asyncio.gather(*map(self._send, taken))
        return len(taken)

    async def _send(self, text: Text) -> None:
        try:
            async with asyncio.timeout(SENDING_S_MAX):
                await self._hand_over(text)
        except (Unreachable, TimeoutError):
            if text.tries >= TRIES_MAX:
                log.warning("a short message is given up", bucket=text.bucket, number=text.number)
                await self._end(text, TextState.GIVEN_UP)
            return
        await self._end(text, TextState.SENT)

    async def _hand_over(self, text: Text) -> None:
        """Say it in the person's language. Raises `Unreachable`; of somebody who was erased meanwhile there is no number."""
        citizen = await self.people.citizen(text.notice.citizen)
        if not citizen.phone:
            return
        notice = told(text.notice, lang=citizen.language, name_of=self.name_of)
        await self.sms.send(citizen.phone, text=f"{notice.title}. {notice.text}".strip(), code="")

    async def _end(self, text: Text, state: TextState) -> None:
        sent_at = self.clock.now() if state is TextState.SENT else None
        async with self.database.connection() as connection:
            await store.end_text(connection, text, state=state, sent_at=sent_at)
