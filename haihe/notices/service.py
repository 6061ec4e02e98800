"""What notices do: be read, be counted, be chosen, be heard live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Final

from haihe.base.background import keep_doing
from haihe.base.clock import Clock
from haihe.base.database import Database
from haihe.base.foundation import Foundation
from haihe.base.ids import ID_MAX, first_id_at
from haihe.notices import store
from haihe.notices.bell import Bell
from haihe.notices.kinds import KINDS
from haihe.notices.model import KEPT_FOR, Choice, Group, Notice
from haihe.notices.reader import Reader
from haihe.notices.telling import NameOf, told
from haihe.notices.texting import Texting
from haihe.organisations.service import Organisations
from haihe.outside.sms import Sms
from haihe.people.service import People

READ_EVERY_S: Final = 0.5
"""How far notices stay behind what happened."""
PAGE_MAX: Final = 30
STREAM_S_MAX: Final = 300.0
"""So long one stream lasts; the page then asks again, and is asked again who it is."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What an open page is told: how much is unread, and the newest notice unless its group shall be silent."""

    unread: int
    notice: Notice | None = None


@dataclass(frozen=True)
class Notices:
    """The inboxes of all citizens."""

    database: Database
    clock: Clock
    reader: Reader
    texting: Texting
    bell: Bell
    name_of: NameOf

    async def run(self) -> None:
        """Tell what happens, for ever; short messages go out beside it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(keep_doing(self.read_news, every_s=READ_EVERY_S, name="notices"))
            group.create_task(keep_doing(self.texting.send_waiting, every_s=READ_EVERY_S, name="short messages"))

    async def read_news(self) -> None:
        """Turn what was published into notices, and ring for them."""
        await self.reader.catch_up()
        await self.bell.look()

    # --- the inbox

    async def inbox(self, citizen: int, *, lang: str, before: int = ID_MAX, limit: int = PAGE_MAX) -> list[Notice]:
        """Give somebody's notices below an id, newest first."""
        async with self.database.connection() as connection:
            found = await store.inbox(connection, citizen, before=before, limit=limit)
        return [told(one, lang=lang, name_of=self.name_of) for one in found if one.kind in KINDS]

    async def unread(self, citizen: int) -> int:
        """Count what somebody has not read."""
        async with self.database.connection() as connection:
            return await store.unread(connection, citizen)

    async def read(self, citizen: int, *, up_to: int) -> int:
        """Mark everything up to a notice as read; give how much was new."""
        async with self.database.connection() as connection:
            return await store.read_up_to(connection, citizen, up_to, now=self.clock.now())

    async def listen(self, citizen: int, lang: str) -> AsyncGenerator[Heard, None]:
        """Tell how much is unread, and then what comes, for a while. Raises `TooMany`."""
        async with self.bell.watching(citizen) as watch:
            yield Heard(await self.unread(citizen))
            ends = asyncio.get_running_loop().time() + STREAM_S_MAX
            while (left := ends - asyncio.get_running_loop().time()) > 0:
                try:
                    stored = await asyncio.wait_for(watch.get(), left)
                except TimeoutError:
                    return
                group = KINDS[stored.kind].group
                is_live = next(one.live for one in await self.choices(citizen) if one.group is group)
                notice = told(stored, lang=lang, name_of=self.name_of) if is_live else None
                yield Heard(await self.unread(citizen), notice)

    # --- choices

    async def choices(self, citizen: int) -> list[Choice]:
        """Give what somebody chose for every group."""
        async with self.database.connection() as connection:
            chosen = await store.choices(connection, citizen)
        return [chosen.get(group, Choice(group)) for group in Group]

    async def choose(self, citizen: int, choices: Sequence[Choice]) -> None:
        """Keep what somebody chose; what protects the wallet cannot be switched off, and stays as it is."""
        async with self.database.transaction() as connection:
            for choice in choices:
                if not choice.is_fixed:
                    await store.choose(connection, citizen, choice)

    # --- forgetting

    async def forget_old(self) -> None:
        """Forget what is older than a year, a piece at a time."""
        before = self.clock.now() - KEPT_FOR
        more = True
        while more:
            async with self.database.connection() as connection:
                more = await store.forget(connection, first_id=first_id_at(before), before=before) > 0


def build_notices(base: Foundation, *, people: People, organisations: Organisations, sms: Sms) -> Notices:
    """Put the service together."""

    def name_of(organisation: int, lang: str) -> str:
        known = organisations.directory.by_id.get(organisation)
        return known.name(lang) if known else ""

    return Notices(
        database=base.database,
        clock=base.clock,
        reader=Reader(base.database, base.clock, base.ids),
        texting=Texting(base.database, base.clock, people, sms, name_of),
        bell=Bell(base.database),
        name_of=name_of,
    )
