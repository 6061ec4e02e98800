"""One running demo city for the contract of the JSON API."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import schemathesis

from demo.services import made_up
from tests.cities import RunningCity, short_homes

PASSCODE = "271828"
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

    def newcomer(self) -> str:
        """Register someone with an empty wallet, of whom nothing need be spared; give the token."""
        phone = made_up.phone()
        asked = self.client.post("/api/sign-in/codes", json={"phone": phone, "purpose": "register"}).json()
        form = {"name": made_up.name(), "id_number": made_up.id_number(), "phone": phone, "passcode": PASSCODE}
        answer = self.client.post("/api/citizens", json={**form, "code": asked["demo_code"]})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

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


def as_described(document: Any) -> Callable[[httpx.Response], None]:
    """Check every answer that a test gets from an address of the document: its status, its media type, its shape."""
    found: list[Any] = [one.ok() for one in schemathesis.openapi.from_dict(document).get_all_operations()]  # type: ignore[union-attr]
    operations = {(one.method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path) + "/?")): one for one in found}

    def check(response: httpx.Response) -> None:
        for (method, path), operation in operations.items():
            if method == response.request.method and path.fullmatch(response.request.url.path):
                response.read()
                operation.validate_response(response)

    return check


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    with short_homes() as make:
        city = RunningCity(make())
        try:
            city.start().ready()
            with httpx.Client(base_url=f"http://127.0.0.1:{city.port}", timeout=20, trust_env=False) as client:
                client.event_hooks["response"] = [as_described(client.get("/api/openapi.json").json())]
                yield Api(city, client, json.loads(city.home.demo.read_text()))
        finally:
            city.close()
