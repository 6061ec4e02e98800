"""Requests that no honest client sends are refused, at once and without a 5xx."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import httpx
import pytest
import uvicorn

from haihe.ops import http_protocol
from haihe.ops.serve import web_config
from haihe.web.guards import own_path


@pytest.mark.parametrize("host", ["a:99999999", "a:b", "a:-1", "[::1]:x", "a b", "ä"])
async def test_a_host_that_is_none_is_refused(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/page", headers={b"host": host.encode()})
    assert (answer.status_code, answer.json()["code"]) == (400, "host_invalid")


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain", "application/xml"])
async def test_a_body_that_is_neither_json_nor_a_form_is_refused(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/page", content=b"--x\r\n", headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unknown")


async def test_json_nested_beyond_all_measure_is_malformed(client: httpx.AsyncClient) -> None:
    body = b"[" * 3000 + b"]" * 3000
    headers = {"content-type": "application/json", "authorization": "Bearer citizen-token"}
    answer = await client.post("/api/notes", content=body, headers=headers)
    assert answer.status_code in {400, 401}


@pytest.mark.parametrize(
    "wish", ["//[", "//evil.example", "/\\evil", "https://evil.example", "javascript:1", "/\n", ""]
)
def test_only_own_paths_are_gone_on_to(wish: str) -> None:
    assert own_path(wish) == "/"
    assert own_path("/s/abc?x=//1") == "/s/abc?x=//1"


async def _answering(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@contextlib.asynccontextmanager
async def _serving(answering: Any = _answering) -> Any:
    listening = socket.create_server(("127.0.0.1", 0))
    config = web_config(answering)
    config.lifespan = "off"
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by a flag alone
        await asyncio.sleep(0.01)
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        await task


async def test_a_head_beyond_all_measure_ends_the_connection() -> None:
    async with _serving() as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        with contextlib.suppress(ConnectionError):
            for _ in range(40):
                writer.write(b"x" * 65_536)
                await writer.drain()
        with contextlib.suppress(ConnectionError):
            assert (await reader.read(100)).startswith(b"HTTP/1.1 431")
        writer.close()


@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
@pytest.mark.parametrize("beginning", [b"GET / HTTP/1.1\r\nHo", b"\r\n"])
async def test_a_head_that_does_not_come_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, before: bytes, beginning: bytes
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_S_MAX", 0.2)
    async with _serving() as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        if before:
            writer.write(before)
            await reader.readuntil(b"\r\n\r\n")
        writer.write(beginning)
        assert await asyncio.wait_for(reader.read(), 3) == b""
        writer.close()


async def test_ordinary_requests_pass_one_after_the_other() -> None:
    async with (
        _serving() as (host, port),
        httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False) as client,
    ):
        for _ in range(3):
            assert (await client.post("/", content=b"x" * 60_000)).status_code == 200


async def test_an_answer_waits_for_a_slow_reader_and_ends_for_one_that_takes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_protocol, "STALL_S_MAX", 0.5)
    chunk, chunks, written, ended = b"x" * 50_000, 2_000, [0], asyncio.Event()

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(chunks):  # nothing but the reader makes it wait
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            written[0] += len(chunk)
        await send({"type": "http.response.body", "body": b""})
        ended.set()

    async with _serving(answering) as (host, port):
        reader, writer = await asyncio.open_connection(host, port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        await asyncio.sleep(0.25)
        waiting = written[0]
        assert waiting < chunks * len(chunk) / 2
        taken = 0
        while taken < 3 * waiting:
            taken += len(await reader.read(1_000_000))
        assert not ended.is_set()
        await asyncio.wait_for(ended.wait(), 5)
        with contextlib.suppress(ConnectionError):
            while more := await reader.read(1_000_000):
                taken += len(more)
        assert taken < chunks * len(chunk)
        writer.close()
