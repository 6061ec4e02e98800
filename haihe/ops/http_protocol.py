"""HTTP as the city reads it: uvicorn's httptools protocol with bounds for the head of a request, and answers that leave in one piece.

httptools itself takes heads of any size for any time: one header of 100 MB cost as much memory, without signing in. And uvicorn
writes head and body of an answer apart: two calls of the kernel, each of which wakes the reader (docs/performance.md).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX: Final = 512 * 1024
"""What may arrive before a head is complete; one read may hold the beginning of the body too."""
HEAD_S_MAX: Final = 20.0
STALL_S_MAX: Final = 60.0
"""How long nobody may take anything of an answer that waits: a file that is written meanwhile holds a connection to the database."""
JOINED_BYTES_MAX: Final = 64 * 1024
"""More is handed on at once, so that a slow reader holds a long answer up, and not the memory."""
TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class JoinedTransport:
    """A transport that writes what one turn of the loop has to say at once."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        """Stand before a transport."""
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []
        self._waiting_bytes = 0

    def write(self, data: bytes) -> None:
        """Write at the end of this turn of the loop, or now if it is much."""
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > JOINED_BYTES_MAX:
            self._flush()

    def close(self) -> None:
        """Write what is left and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._pieces:
            pieces, self._pieces, self._waiting_bytes = self._pieces, [], 0
            self._transport.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        """Be the transport in everything else."""
        return getattr(self._transport, name)


class BoundedProtocol(HttpToolsProtocol):
    """Closes connections whose next head is too large, or does not come, and those whose answer nobody takes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Begin before the first head."""
        super().__init__(*arguments, **options)
        self._head_bytes = 0
        self._is_in_head = True
        self._patience: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first head, but not for ever."""
        super().connection_made(JoinedTransport(transport, self.loop))  # type: ignore[arg-type]
        self._lose_patience(transport)

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head grows beyond all measure."""
        if self._is_in_head:
            self._lose_patience(self.transport)
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self.transport.write(TOO_LARGE)
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._head_bytes, self._is_in_head = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End a head."""
        self._is_in_head = False
        self._calm()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request: what comes now begins the next head."""
        self._head_bytes, self._is_in_head = 0, True
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Wait for the reader, but not for ever."""
        super().pause_writing()
        self._stall = self.loop.call_later(STALL_S_MAX, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the reader took what was waiting."""
        self._end_stall()
        super().resume_writing()

    def _end_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._calm()
        self._end_stall()
        super().connection_lost(exc)

    def _lose_patience(self, transport: Any) -> None:
        """Close after a while, unless a head is whole by then; it runs since the head's first byte."""
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_S_MAX, transport.close)

    def _calm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
