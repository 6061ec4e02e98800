"""One small demo city with every sector, the real application in front of it, in this process; sessions are made without passwords."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import psycopg
import pytest

from haihe import app
from haihe.base.home import Home
from haihe.base.settings import Settings
from haihe.house import House, furnish, opened_house
from haihe.ops.access import Access
from haihe.ops.city import ASGIApp, Context
from haihe.ops.demo import prepare_demo
from haihe.ops.demo_data import read_demo
from haihe.ops.founding import found_city
from haihe.organisations import store as staff_store
from haihe.organisations.model import Role, StaffMember
from haihe.organisations.signing import Visit
from haihe.people.model import Citizen
from haihe.web.assembly import assemble
from haihe.web.part import Part
from tests.conftest import BUCKETS

NOWHERE = "http://127.0.0.1:9"
"""The world outside: nobody answers."""
CITIZENS = 60


@dataclass
class WalledCity:
    """The application with everything behind it; `parts` are what it was made of."""

    application: ASGIApp
    house: House
    parts: list[Part]
    owner_dsn: str
    tokens: dict[tuple[int, Role], str] = field(default_factory=dict)

    def routes(self) -> set[str]:
        """Give every address as "METHOD /path"."""
        found = {f"{method} {path}" for part in self.parts for method, path in part.routes}
        for part in self.parts:
            for handler in part.handlers:
                for path in getattr(handler, "paths", ()):
                    methods = getattr(handler, "http_methods", ())
                    found |= {f"{getattr(method, 'value', method)} {path}" for method in methods}
        return found

    def ask(self, query: str, *values: object) -> Any:
        """Ask the database, as its owner, for one value; None if there is none."""
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), values)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    @asynccontextmanager
    async def browser(self, cookies: Mapping[str, str] | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """Open a browser that has the token of forms already."""
        transport = httpx.ASGITransport(app=cast("Any", self.application), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as client:
            await client.get("/console/sign-in")
            client.headers["x-csrftoken"] = client.cookies["haihe_form"]
            client.cookies.update(dict(cookies or {}))
            yield client

    async def employ(self, organisations: list[int]) -> None:
        """Give each organisation somebody of every role who is signed in."""
        base, signing = self.house.base, self.house.ground.organisations.signing
        async with base.database.transaction() as connection:
            for organisation in organisations:
                for role in Role:
                    login = f"wall-{role}-{organisation}"
                    member = StaffMember(base.ids.next(), organisation, login, role.title(), role, "en")
                    await staff_store.insert_staff(connection, member, password="", now=base.clock.now())
                    signed = await signing.begin_anew(connection, member, Visit())
                    self.tokens[organisation, role] = signed.token

    async def citizens(self) -> tuple[Citizen, Citizen]:
        """Give two citizens."""
        people = self.house.ground.people
        with psycopg.connect(self.owner_dsn) as connection:
            ids = [row[0] for row in connection.execute("SELECT id FROM citizens ORDER BY id LIMIT 2").fetchall()]
        found = await people.citizens(ids)
        return found[ids[0]], found[ids[1]]


@pytest.fixture
async def walled(database: Access, tmp_path: Path) -> AsyncIterator[WalledCity]:
    found_city(database.owner_dsn, buckets=BUCKETS, now=datetime.now(UTC))
    home = Home(tmp_path / "home").create()
    context = Context(
        settings=Settings(home=home.path),
        home=home,
        secrets=home.secrets(),
        owner_dsn=database.owner_dsn,
        app_dsn=database.app_dsn,
        services={service.name: NOWHERE for service in app.CITY.services},
    )
    parts: list[Part] = []
    houses: list[House] = []

    def assembled(given: list[Part], **options: Any) -> ASGIApp:
        parts.extend(given)
        return assemble(given, **{**options, "lifespan": []})

    def furnished(*arguments: Any) -> House:
        houses.append(furnish(*arguments))
        return houses[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "assemble", assembled)
        patch.setattr(app, "furnish", furnished)
        patch.setattr(app, "claimed_node", lambda _: contextlib.nullcontext(1))
        patch.setattr("haihe.ops.demo.read_demo", lambda: read_demo(changes={"count": CITIZENS}))
        await prepare_demo(
            Context(
                settings=context.settings,
                home=home,
                secrets=context.secrets,
                owner_dsn=context.owner_dsn,
                app_dsn=context.app_dsn,
            ),
            app.SECTORS,
        )
        application = app.build(context)
    async with opened_house(houses[0]):
        yield WalledCity(application, houses[0], parts, database.owner_dsn)
