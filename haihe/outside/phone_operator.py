"""The phone operators: is this number held by the person with this name and ID number?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from haihe.outside.http import Outside
from haihe.outside.registry import Answer, read_answer


class PhoneOperator(Protocol):
    """Whoever registers phone numbers under real names."""

    async def check(self, *, name: str, id_number: str, phone: str) -> Answer:
        """Tell whether name, ID number and phone belong together. Raises `Unreachable`."""
        ...


@dataclass(frozen=True)
class HttpPhoneOperator:
    """The operators behind an HTTP address (demo/services/phones.py describes it)."""

    outside: Outside

    async def check(self, *, name: str, id_number: str, phone: str) -> Answer:
        """Tell whether name, ID number and phone belong together. Raises `Unreachable`."""
        body = {"name": name, "id_number": id_number, "phone": phone}
        return read_answer(*await self.outside.ask("POST", "/checks", body=body))
