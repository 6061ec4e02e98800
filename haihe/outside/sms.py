"""Short messages to phones. The demo has no phone operator: its messages are lines of a file."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from haihe.base.clock import Clock
from haihe.outside.http import Unreachable

_PRIVATE: Final = 0o600


class Sms(Protocol):
    """A phone operator that delivers short messages."""

    async def send(self, phone: str, *, text: str, code: str) -> None:
        """Send a message; `code` is the one-time code in it. Raises `Unreachable`."""
        ...


@dataclass(frozen=True)
class SmsFile:
    """The demo's operator: appends one JSON object a line (phone, text, code, at) to a file only its owner may read."""

    path: Path
    clock: Clock

    async def send(self, phone: str, *, text: str, code: str) -> None:
        """Append the message."""
        message = {"phone": phone, "text": text, "code": code, "at": self.clock.now().isoformat()}
        line = json.dumps(message, ensure_ascii=False) + "\n"
        try:
            await asyncio.to_thread(_append, self.path, line.encode())
        except OSError as error:
            raise Unreachable from error


def _append(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _PRIVATE)
    try:
        os.write(handle, line)  # one call: lines of several processes never mix
    finally:
        os.close(handle)
