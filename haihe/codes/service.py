"""Stickers: found from memory, made, revoked, drawn."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from haihe.base.clock import Clock
from haihe.base.database import Connection, Database
from haihe.codes import store
from haihe.codes.model import (
    CODE_ALPHABET,
    CODE_CHARACTERS,
    CodeRevoked,
    CodeUnknown,
    NewSticker,
    Sticker,
    is_code,
)
from haihe.codes.reading import STICKER_PATH
from haihe.web import svg


@dataclass(frozen=True)
class Stickers:
    """The city's stickers. `base_url` (no slash at its end) is what stands before `/s/{code}` in what is printed."""

    database: Database
    clock: Clock
    base_url: str
    learn: Callable[[Sticker], Awaitable[None]] | None = None
    """Told of a sticker that another process has made, before it is used: what it is fixed to may be new too."""
    _known: dict[str, Sticker] = field(default_factory=dict, repr=False)

    async def reload(self) -> None:
        """Read all stickers anew: at the start and when another process changed some."""
        async with self.database.connection() as connection:
            fresh = {sticker.code: sticker for sticker in await store.every(connection)}
        self._known.clear()
        self._known.update(fresh)

    async def find(self, code: str) -> Sticker:
        """Find a sticker in use: from memory, else from the database, so that a new one works at once.

        Raises `CodeUnknown` or `CodeRevoked`.
        """
        sticker = self._known.get(code) or await self._fetch(code)
        if sticker.revoked is not None:
            raise CodeRevoked
        return sticker

    async def _fetch(self, code: str) -> Sticker:
        if not is_code(code):
            raise CodeUnknown
        async with self.database.connection() as connection:
            sticker = await store.find(connection, code)
        if sticker is None:
            raise CodeUnknown
        if self.learn is not None:
            await self.learn(sticker)
        self._known[code] = sticker
        return sticker

    async def of_points(self, connection: Connection, kind: str, points: Sequence[int]) -> list[Sticker]:
        """Read the stickers fixed to these points, revoked ones included, the newest first."""
        return await store.of_points(connection, kind, points)

    async def look_up(self, connection: Connection, code: str) -> Sticker | None:
        """Read a sticker as it stands in the database, revoked or not."""
        return await store.find(connection, code) if is_code(code) else None

    async def make(self, connection: Connection, many: Sequence[NewSticker]) -> list[Sticker]:
        """Make stickers with fresh random codes, in the caller's transaction."""
        now = self.clock.now()
        made = [Sticker(new_code(), new.kind, new.point, new.organisation, now) for new in many]
        await store.insert(connection, made)
        return made

    async def revoke(self, connection: Connection, code: str, *, reason: str) -> Sticker:
        """Take a sticker out of use for good, in the caller's transaction; twice is as once. Raises `CodeUnknown`.

        The caller counts up the version `catalogue` in the same transaction, so that other processes hear of it.
        """
        sticker = await store.revoke(connection, code, reason=reason, at=self.clock.now())
        if sticker is None:
            raise CodeUnknown
        return sticker

    def url(self, code: str) -> str:
        """Give the address that stands in the printed code."""
        return f"{self.base_url}{STICKER_PATH}{code}"

    def draw(self, code: str, label: str) -> Markup:
        """Draw the sticker's QR code as SVG; `label` is read aloud."""
        return svg.qr(self.url(code), label)


def new_code() -> str:
    """Make a random code from the operating system's generator."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_CHARACTERS))
