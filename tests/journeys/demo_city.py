"""The city of the journeys: what its demo.json offers, and what its API and its database know."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import httpx
import psycopg

from demo.services import made_up
from haihe.base.clock import service_day
from tests.cities import RunningCity
from tests.families import id_number

LISTED_FIRST = 20
DEBTORS = slice(11, 17)
"""Citizens who owe bills and whom no journey of a sector takes: of the others some are left with little money by them."""
"""So many citizens at the beginning of demo.json are adults with at least 500 yuan."""
SENDERS = {"zh": (24, 25), "en": (26, 27), "ru": (28, 29)}
"""Places in demo.json, for each language: two who send money to one another. Beyond the first ones, in whose money others reckon."""
HEATED = 8
"""The place of someone of class II whose heating costs more than a payment by one factor may."""
SHARED_BUSES = 6
"""Of different lines: every third of the list."""
_keys = itertools.count(1)


@dataclass(frozen=True)
class Citizen:
    """Someone with a token."""

    name: str
    phone: str
    passcode: str
    token: str


@dataclass(frozen=True)
class Bus:
    """A bus: line and plate, code and address of its sticker, its fare in fen, its driver's screen and the link that pairs it."""

    line: str
    plate: str
    code: str
    url: str
    fare: int
    terminal: str
    pairing_url: str

    @property
    def path(self) -> str:
        return f"/s/{self.code}"


@dataclass
class DemoCity:
    """A running demo city."""

    running: RunningCity

    @cached_property
    def listed(self) -> Any:
        """What demo.json says."""
        return json.loads(self.running.home.demo.read_text())

    @cached_property
    def base_url(self) -> str:
        return str(self.listed["base_url"])

    @cached_property
    def _citizens(self) -> Iterator[Citizen]:
        first = self.listed["citizens"][:LISTED_FIRST]
        return itertools.cycle([Citizen(one["name"], one["phone"], one["passcode"], one["token"]) for one in first])

    @cached_property
    def _all_buses(self) -> list[Bus]:
        screens = {one["code"]: one for one in self.terminals("driver")}
        plates = self._plates()
        return [
            Bus(*plates[code], code, sticker["url"], sticker["amount"], screens[code]["id"], screens[code]["url"])
            for sticker in self.listed["stickers"]
            if sticker["kind"] == "bus"
            for code in [sticker["code"]]
        ]

    @cached_property
    def _buses(self) -> list[Bus]:
        return [bus for bus in self._all_buses if bus != self.bus_with_validator]

    @property
    def bus_with_validator(self) -> Bus:
        """The bus at whose door payment codes are read, too."""
        (validator,) = self.terminals("validator")
        return next(bus for bus in self._all_buses if bus.code == validator["code"])

    def terminals(self, kind: str) -> list[Mapping[str, str]]:
        """Give the terminals of a kind with their pairing links."""
        return [one for one in self.listed["terminals"] if one["kind"] == kind]

    def sticker(self, code: str) -> Mapping[str, Any]:
        """Give a listed sticker by its code."""
        return next(one for one in self.listed["stickers"] if one["code"] == code)

    @cached_property
    def _shared(self) -> Iterator[Bus]:
        return itertools.cycle([self._buses.pop(3 * place) for place in range(SHARED_BUSES, 0, -1)])

    def citizen(self) -> Citizen:
        """Give a citizen with money; every journey another one, as long as they last."""
        return next(self._citizens)

    @cached_property
    def _debtors(self) -> Iterator[Any]:
        return itertools.cycle(self.listed["citizens"][DEBTORS])

    def debtor(self) -> Citizen:
        """Give someone who owes a utility bill and in whose money no other journey reckons, every time another one."""
        for _ in range(DEBTORS.stop - DEBTORS.start):
            one = next(self._debtors)
            citizen = Citizen(one["name"], one["phone"], one["passcode"], one["token"])
            with self._client(citizen.token) as client:
                if "/s/bill-" in client.get("/").raise_for_status().text:
                    return citizen
        raise AssertionError("nobody owes a bill")

    def heated(self) -> Citizen:
        """Give someone who owes more for heating than one factor pays, with money for it."""
        one = self.listed["citizens"][HEATED]
        citizen = Citizen(one["name"], one["phone"], one["passcode"], one["token"])
        self.puts_in(citizen, 2_000_00)
        return citizen

    def puts_in(self, citizen: Citizen, amount: int) -> None:
        """Have someone add a card and top up from it through the API."""
        own = {"passcode": citizen.passcode}
        card = self._post("/api/cards", {"number": made_up.card(), **own}, token=citizen.token)
        wish = {"card": card["id"], "amount": amount, **own}
        headers = {"Idempotency-Key": f"{citizen.phone}-{next(_keys)}"}
        done = self._post("/api/top-ups", wish, token=citizen.token, headers=headers)
        assert done["status"] == "done"

    def pair(self, language: str) -> tuple[Citizen, Citizen]:
        """Give someone who sends money and someone who receives it, others for every language; the one who has more sends."""
        listed = (self.listed["citizens"][place] for place in SENDERS[language])
        both = [Citizen(one["name"], one["phone"], one["passcode"], one["token"]) for one in listed]
        recipient, sender = sorted(both, key=self.balance)
        return sender, recipient

    def bus(self) -> Bus:
        """Give a bus in which others ride too."""
        return next(self._shared)

    def own_bus(self, fare: int | None = None) -> Bus:
        """Give a bus, of a certain fare if need be, that no other journey gets: its screen shows nobody else."""
        _ = self._shared  # those are set aside first
        found = next(bus for bus in (*self._buses, *self._left) if fare in (None, bus.fare))
        for buses in (self._buses, self._left):
            if found in buses:
                buses.remove(found)
        self._left.append(found)
        return found

    @cached_property
    def _left(self) -> list[Bus]:
        """Buses that a journey had for itself and has left, the longest first: for when all were taken."""
        return []

    def staff(self, role: str) -> Mapping[str, str]:
        """Give login and password of someone of the bus company."""
        return next(one for one in self.listed["staff"] if one["role"] == role)

    def clerk(self, login: str) -> Mapping[str, str]:
        """Give login and password of someone of any organisation."""
        return next(one for one in self.listed["staff"] if one["login"] == login)

    def newcomer(self, language: str = "en") -> Citizen:
        """Register someone through the API; the wallet is empty."""
        name, phone, passcode = made_up.name(), made_up.phone(), "271828"
        asked = self._post("/api/sign-in/codes", {"phone": phone, "purpose": "register"})
        form = {"name": name, "id_number": made_up.id_number(), "phone": phone, "passcode": passcode}
        done = self._post("/api/citizens", {**form, "code": asked["demo_code"], "language": language})
        return Citizen(name, phone, passcode, done["token"])

    def pays(self, citizen: Citizen, bus: Bus, **more: object) -> str:
        """Have someone pay through the API, without a browser; the payment's id."""
        body = {"code": bus.code, **more}
        headers = {"Idempotency-Key": f"{citizen.phone}-{next(_keys)}"}
        return str(self._post("/api/payments", body, token=citizen.token, headers=headers)["id"])

    def has_child(self, citizen: Citizen) -> str:
        """Register a child of someone through the API; the child's id."""
        born = date(datetime.now(UTC).year - 9, 1, 15)
        body = {"name": made_up.name(), "id_number": id_number(born)}
        return str(self._post("/api/family/children", body, token=citizen.token)["id"])

    def invites(self, owner: Citizen, member: Citizen, role: str, **terms: object) -> str:
        """Have someone invite a relative or helper through the API; the tie's id."""
        body = {"role": role, "phone": member.phone, "passcode": owner.passcode, **terms}
        return str(self._post("/api/family/invitations", body, token=owner.token)["id"])

    def accepts(self, member: Citizen, tie: str) -> None:
        """Have someone accept an invitation."""
        self._post(f"/api/family/ties/{tie}/accept", {}, token=member.token)

    def balance(self, citizen: Citizen) -> int:
        """Ask what someone has, in fen."""
        return int(self._get("/api/me", citizen)["balance"]["amount"])

    def payments(self, citizen: Citizen) -> list[dict[str, Any]]:
        """Ask what someone paid, newest first."""
        return list(self._get("/api/payments?limit=100", citizen)["items"])

    def holds(self, token: str) -> bool:
        """Tell whether a token still opens anything."""
        with self._client(token) as client:
            return client.get("/api/me").status_code == 200

    def sms_to(self, phone: str) -> str:
        """Read the code of the last short message to a phone."""
        lines = [json.loads(line) for line in self.running.home.sms.read_text().splitlines()]
        return str(next(line["code"] for line in reversed(lines) if line["phone"] == phone and line["code"]))

    def _plates(self) -> dict[str, tuple[str, str]]:
        """Ask the database for line and plate by code."""
        with psycopg.connect(self.running.access().owner_dsn) as connection:
            rows = connection.execute(
                """
                SELECT s.code, l.number, v.plate
                FROM stickers s
                JOIN vehicles v ON v.id = s.point
                JOIN lines l ON l.id = v.line
                """
            ).fetchall()
        return {code: (number, plate) for code, number, plate in rows}

    def rides_today(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Ask the database, as its owner, for rides and fares of the day by line and bus."""
        with psycopg.connect(self.running.access().owner_dsn) as connection:
            rows = connection.execute(
                """
                SELECT l.number, v.plate, count(*), sum(p.amount)
                FROM rides r
                JOIN payments p ON p.bucket = r.bucket AND p.id = r.payment AND p.status = 0
                JOIN vehicles v ON v.id = r.vehicle
                JOIN lines l ON l.id = r.line
                WHERE r.service_day = %s
                GROUP BY l.number, v.plate
                """,
                (service_day(datetime.now(UTC)),),
            ).fetchall()
        return {(number, plate): (count, int(fares)) for number, plate, count, fares in rows}

    def _client(self, token: str = "") -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=20, trust_env=False)

    def _get(self, path: str, citizen: Citizen) -> Any:
        with self._client(citizen.token) as client:
            return client.get(path).raise_for_status().json()

    def _post(
        self, path: str, body: Mapping[str, object], *, token: str = "", headers: Mapping[str, str] | None = None
    ) -> Any:
        with self._client(token) as client:
            return client.post(path, json=body, headers=headers).raise_for_status().json()
