"""At which addresses passkeys work. Pure.

Browsers want a name, and https; localhost alone may do without. An address of numbers has no passkeys. So a city on 127.0.0.1 offers
them at http://localhost with its port, which is the same machine, and every other city at its own base address.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from haihe.people.passkeys.errors import PasskeyPlace
from haihe.people.passkeys.model import Party

LOCALHOST: Final = "localhost"


@dataclass(frozen=True)
class Places:
    """Where the passkeys of one city work."""

    base_url: str

    @property
    def party(self) -> Party | None:
        """Give the one place where they work, None if there is none."""
        base = urlsplit(self.base_url)
        name = base.hostname or ""
        if name == LOCALHOST or _is_loopback(name):
            port = f":{base.port}" if base.port else ""
            return Party(LOCALHOST, f"{base.scheme}://{LOCALHOST}{port}")
        if base.scheme != "https" or _is_number(name):
            return None
        return Party(name, f"https://{base.netloc.lower()}")

    def at(self, host: str) -> Party:
        """Give the place of a request by its Host header. Raises `PasskeyPlace` where no browser would offer a passkey."""
        party = self.party
        if party is None or urlsplit(f"//{host}").hostname != party.name:
            raise PasskeyPlace(address=party.origin if party else "")
        return party

    def works_at(self, host: str) -> bool:
        """Tell whether a request's address is the place."""
        return self.party is not None and urlsplit(f"//{host}").hostname == self.party.name


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_number(name) and ipaddress.ip_address(name).is_loopback
