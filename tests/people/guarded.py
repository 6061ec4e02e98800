"""What tests of safeguards need: their services over a city, and what stands in the audit log and the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from haihe.base import audit, outbox
from haihe.people.model import Citizen
from haihe.people.safeguards import Safeguards, build_safeguards
from tests.authenticator import ORIGIN, Authenticator
from tests.citizens import City

PASSCODE = "271828"


@dataclass
class Guarded:
    """A city with its safeguards."""

    city: City
    safeguards: Safeguards

    async def add(self, citizen: Citizen, **more: Any) -> Authenticator:
        """Give someone a passkey."""
        device, passkeys = Authenticator(**more), self.safeguards.passkeys
        party = passkeys.places.at("localhost")
        confirmation = await passkeys.begin(citizen.id, passcode=PASSCODE)
        text = device.make(await passkeys.ask_to_make(citizen.id, party))
        await passkeys.add(citizen.id, name="My phone", text=text, confirmation=confirmation, party=party)
        return device

    async def deeds(self, subject: int) -> list[tuple[str, str]]:
        """Give action and outcome of what was done about somebody, the oldest first."""
        async with self.city.database.connection() as connection:
            found = await audit.about(connection, subject, before=1 << 60, limit=100)
        return [(one.deed.action, one.deed.outcome) for one in reversed(found)]

    async def news(self, citizen: Citizen) -> list[tuple[str, dict[str, Any]]]:
        """Give kind and body of what was published about somebody."""
        async with self.city.database.connection() as connection:
            found = await outbox.read(connection, citizen.bucket, after=0)
        return [(one.news.kind, one.news.body) for one in found if one.news.subject == citizen.id]


def guarded_city(city: City) -> Guarded:
    """Put safeguards around a city of people."""
    return Guarded(city, build_safeguards(city.base, city.people, base_url=ORIGIN))
