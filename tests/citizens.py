"""What tests about people need: a founded city with its services, and the demo's outside world as real processes."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from demo.services import made_up
from haihe import organisations, people, wallet
from haihe.base.clock import TurnableClock
from haihe.base.database import Database, open_database
from haihe.base.foundation import Foundation
from haihe.base.ids import Ids
from haihe.base.revocations import Revocations
from haihe.base.throttle import Limits, Rate
from haihe.base.tokens import Tokens
from haihe.base.vault import Vault
from haihe.ledger import service as ledger
from haihe.ledger.model import Leg, Posting, SystemAccount, TransferKind
from haihe.organisations.console import Console
from haihe.organisations.service import Organisations, build_organisations
from haihe.outside.bank import HttpBank
from haihe.outside.http import open_outside
from haihe.outside.offices import HttpOffices
from haihe.outside.phone_operator import HttpPhoneOperator
from haihe.outside.registry import HttpRegistry
from haihe.people import safeguards
from haihe.people.checks.part import part as checks_part
from haihe.people.checks.service import Identities, build_identities
from haihe.people.model import Citizen, CitizenClass, FoundingCitizen, PeopleRules, Purpose, Registration, SignedIn
from haihe.people.service import People, build_people
from haihe.wallet.limits.part import part as limits_part
from haihe.wallet.limits.service import build_allowances
from haihe.wallet.model import WalletRules
from haihe.wallet.service import Wallets, build_wallets
from haihe.web.assembly import assemble
from haihe.web.guards import Renewal, Staff, Viewer

ANSWER_S_MAX = 2.0
"""How long tests wait for a service that is told to keep silent."""
READY_S_MAX = 20.0


@dataclass
class Mailbox:
    """An SMS connector that keeps what was sent."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, phone: str, *, text: str, code: str) -> None:
        assert code in text
        self.sent.append((phone, code))

    def code_for(self, phone: str) -> str:
        return next(code for to, code in reversed(self.sent) if to == phone)


@dataclass
class Service:
    """A demo service that runs."""

    url: str

    def tell(self, mode: str, delay_ms: int = 0) -> None:
        httpx.post(f"{self.url}/control", json={"mode": mode, "delay_ms": delay_ms}).raise_for_status()

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.url}{path}").raise_for_status().json()

    def post(self, path: str, body: object) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", json=body)


@dataclass
class City:
    """The people's side of a city."""

    base: Foundation
    clock: TurnableClock
    people: People
    wallets: Wallets
    organisations: Organisations
    mailbox: Mailbox
    identities: Identities

    @property
    def database(self) -> Database:
        return self.base.database

    async def citizen(self, **changes: Any) -> SignedIn:
        """Register a made-up citizen in the usual way."""
        form = person(**changes)
        await self.people.ask_code(form.phone, Purpose.REGISTER, language="en")
        code = self.mailbox.code_for(form.phone)
        return await self.people.register(Registration(**{**as_dict(form), "code": code}))


def as_dict(form: Registration) -> dict[str, str]:
    names = ("name", "id_number", "phone", "code", "passcode", "language")
    return {name: getattr(form, name) for name in names}


def person(**changes: Any) -> Registration:
    """Make up someone who may register; the code is still to come."""
    values = {
        "name": made_up.name(),
        "id_number": made_up.id_number(),
        "phone": made_up.phone(),
        "code": "",
        "passcode": "271828",
    }
    return Registration(**{**values, **changes})


def empty_card() -> str:
    """Make up a card on which the demo bank sees no money."""
    body = made_up.card()[:-5] + "0000"
    return body + made_up.luhn_digit(body)


def founding(**changes: Any) -> FoundingCitizen:
    """Make up a citizen of the founding."""
    values: dict[str, Any] = {
        "name": made_up.name(),
        "id_number": made_up.id_number(),
        "phone": made_up.phone(),
        "citizen_class": CitizenClass.II,
    }
    return FoundingCitizen(**{**values, **changes})


async def found_with_money(
    people: People, database: Database, wished: Sequence[FoundingCitizen], *, money: int, now: datetime
) -> list[Citizen]:
    """Found citizens who have that many fen in their wallets, paid in from the reserve."""
    citizens = await people.found(wished)
    for bucket in {citizen.bucket for citizen in citizens} if money else ():
        openings = [
            Posting(
                citizen.id,
                (Leg(SystemAccount.RESERVE, citizen.id, money, TransferKind.OPENING),),
                citizen.registered_at,
                subject=citizen.id,
            )
            for citizen in citizens
            if citizen.bucket == bucket
        ]
        async with database.transaction() as connection:
            await ledger.post(connection, bucket, openings, now=now)
    return citizens


@asynccontextmanager
async def open_city(
    *,
    app_dsn: str,
    registry: str,
    bank: str,
    clock: TurnableClock | None = None,
    node: int = 1,
    phones: str = "",
    records: str = "",
) -> AsyncIterator[City]:
    """Found a city and build its services over demo services at these addresses; no address is no way there."""
    clock = clock or TurnableClock(datetime.now(UTC))
    vault = Vault(vault_key=b"v" * 32, search_key=b"s" * 32)
    mailbox = Mailbox()
    async with (
        AsyncExitStack() as stack,
        open_database(app_dsn) as database,
        open_outside(registry, answer_s_max=ANSWER_S_MAX) as to_registry,
        open_outside(bank, answer_s_max=ANSWER_S_MAX) as to_bank,
    ):
        base = Foundation(database, clock, Ids(clock, node=node), vault, Tokens(b"t" * 32), Revocations(database))
        population, money = HttpRegistry(to_registry), HttpBank(to_bank)
        offices = HttpOffices(await stack.enter_async_context(open_outside(records, answer_s_max=ANSWER_S_MAX)))
        to_phones = await stack.enter_async_context(open_outside(phones, answer_s_max=ANSWER_S_MAX))
        people = build_people(
            base,
            registry=population,
            operator=HttpPhoneOperator(to_phones) if phones else None,
            offices=offices if records else None,
            clearing=offices if records else None,
            sms=mailbox,
            settings=PeopleRules(),
            demo=population,
        )
        wallets = build_wallets(base, people=people, bank=money, limits=WalletRules(), demo=money)
        organisations = build_organisations(base)
        await organisations.reload()
        identities = build_identities(base, people=people, cards=wallets.cards)
        yield City(base, clock, people, wallets, organisations, mailbox, identities)


@contextmanager
def demo_service(name: str, folder: Path, *arguments: str) -> Iterator[Service]:
    """Run a demo service on a free port; its state is in the folder and outlives it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", f"demo.services.{name}", "--port", str(port)]
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen([*command, "--state", str(folder / f"{name}.sqlite"), *arguments])
        )
        stack.callback(process.kill)
        service = Service(f"http://127.0.0.1:{port}")
        _wait_for(service)
        yield service


def _wait_for(service: Service) -> None:
    latest = time.monotonic() + READY_S_MAX
    while True:
        try:
            assert service.get("/healthz") == {"status": "ok"}
        except (httpx.HTTPError, json.JSONDecodeError):
            if time.monotonic() > latest:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def registry_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One demo registry for the run."""
    with demo_service("registry", tmp_path_factory.mktemp("registry")) as service:
        yield service


@pytest.fixture(scope="session")
def bank_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One demo bank for the run."""
    with demo_service("bank", tmp_path_factory.mktemp("bank")) as service:
        yield service


@pytest.fixture(scope="session")
def phones_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One demo phone operator for the run."""
    with demo_service("phones", tmp_path_factory.mktemp("phones")) as service:
        yield service


@pytest.fixture(scope="session")
def records_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The demo offices for the run."""
    with demo_service("records", tmp_path_factory.mktemp("records")) as service:
        yield service


@pytest.fixture
def phones(phones_process: Service) -> Iterator[Service]:
    """The demo phone operator, well behaved at the beginning and again at the end."""
    yield phones_process
    phones_process.tell("normal")


@pytest.fixture
def records(records_process: Service) -> Iterator[Service]:
    """The demo offices, well behaved at the beginning and again at the end."""
    yield records_process
    records_process.tell("normal")


@pytest.fixture
def registry(registry_process: Service) -> Iterator[Service]:
    """The demo registry, well behaved at the beginning and again at the end."""
    yield registry_process
    registry_process.tell("normal")


@pytest.fixture
def bank(bank_process: Service) -> Iterator[Service]:
    """The demo bank, well behaved at the beginning and again at the end."""
    yield bank_process
    bank_process.tell("normal")


@pytest.fixture
async def city(app_dsn: str, registry: Service, bank: Service) -> AsyncIterator[City]:
    """A city of the test's own with its people, wallets and organisations."""
    async with open_city(app_dsn=app_dsn, registry=registry.url, bank=bank.url) as opened:
        yield opened


@dataclass(frozen=True)
class Door:
    """The doorkeeper of the tests' city."""

    city: City

    async def viewer(self, token: str) -> Viewer:
        return await self.city.people.sessions.viewer(token)

    async def renewed(self, token: str) -> Renewal | None:
        return await self.city.people.devices.renewed(token)

    async def staff(self, token: str) -> Staff:
        return await self.city.organisations.staff(token)


@dataclass
class Browser:
    """A person's browser: follows forms with their CSRF token and keeps cookies."""

    client: httpx.AsyncClient
    page: str = ""

    async def open(self, path: str) -> httpx.Response:
        return self._seen(await self.client.get(path))

    async def send(self, path: str, **fields: str) -> httpx.Response:
        """Post a form of the page that is open: what its hidden fields say, and what is typed."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', self.page))
        return self._seen(await self.client.post(path, data={**hidden, **fields}))

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if "text/html" in answer.headers.get("content-type", ""):
            self.page = answer.text
        return answer


@asynccontextmanager
async def open_web(city: City, *, limits: Limits | None = None) -> AsyncIterator[Browser]:
    """Serve the pages of a city's people to a browser."""
    doors = ("code", "sign_in", "register", "card", "identity_check", "pay", "top_up")
    no_limits = {kind: Rate(tries=1000, seconds=1) for kind in doors}
    parts = [
        people.part(city.people, limits=limits or Limits(no_limits)),
        *safeguards.parts(safeguards.build_safeguards(city.base, city.people, base_url="http://localhost")),
        wallet.part(city.wallets),
        checks_part(city.identities),
        limits_part(build_allowances(city.base, identities=city.identities)),
        organisations.part(city.organisations, Console(city.organisations)),
    ]
    app = assemble(parts, doorkeeper=Door(city), form_key="f" * 32, leaving=asyncio.Event())
    transport = httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.example") as client:
        yield Browser(client)


@pytest.fixture
async def browser(city: City) -> AsyncIterator[Browser]:
    """A browser in front of the city's pages."""
    async with open_web(city) as opened:
        yield opened
