"""One running demo city for the contract of the JSON API."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.cities import RunningCity, short_homes

_numbers = itertools.count(1)


@dataclass
class Api:
    """The API of a running city, with the demo's citizens and stickers."""

    city: RunningCity
    client: httpx.Client
    demo: dict[str, Any]
    citizens: Iterator[dict[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.citizens = iter(self.demo["citizens"])

    def citizen(self) -> str:
        """Give the token of a citizen whom no other test uses."""
        return next(self.citizens)["token"]

    def codes(self) -> list[str]:
        """Give the codes of the stickers on buses."""
        return [sticker["code"] for sticker in self.demo["stickers"] if sticker["kind"] == "bus"]

    def pay(
        self, token: str, body: object, *, key: str | None = "", path: str = "/api/payments", **headers: str
    ) -> httpx.Response:
        """Pay; `key` empty makes a new one, None sends none."""
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | headers
        if key is not None:
            sent["Idempotency-Key"] = key or f"key-{next(_numbers)}"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, content=content, headers={name: value for name, value in sent.items() if value})

    def me(self, token: str) -> Any:
        return self.client.get("/api/me", headers={"Authorization": f"Bearer {token}"}).json()


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    with short_homes() as make:
        city = RunningCity(make())
        try:
            city.start().ready()
            with httpx.Client(base_url=f"http://127.0.0.1:{city.port}", timeout=20, trust_env=False) as client:
                yield Api(city, client, json.loads(city.home.demo.read_text()))
        finally:
            city.close()
