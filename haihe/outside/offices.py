"""Offices that keep records of people, and the clearing house of bank cards: does what a person says agree with them?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Protocol

from haihe.outside.http import Outside, Unreachable
from haihe.outside.registry import Answer, read_answer

_BANK: Final = re.compile(r"[a-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What the clearing house says of a card, and which bank issued it."""

    answer: Answer
    bank: str


class Offices(Protocol):
    """Public offices: social insurance, education, housing."""

    async def check(self, *, office: str, name: str, id_number: str) -> Answer:
        """Tell whether an office knows this name with this ID number. Raises `Unreachable`."""
        ...


class ClearingHouse(Protocol):
    """Whoever passes a question on to the bank that issued a card."""

    async def check_card(self, *, card: str, name: str, id_number: str, phone: str) -> CardAnswer:
        """Tell whether card, name, ID number and phone belong together, by the word of which bank. Raises `Unreachable`."""
        ...


@dataclass(frozen=True)
class HttpOffices:
    """The offices and the clearing house behind an HTTP address (demo/services/records.py describes it)."""

    outside: Outside

    async def check(self, *, office: str, name: str, id_number: str) -> Answer:
        """Tell whether an office knows this name with this ID number. Raises `Unreachable`."""
        body = {"name": name, "id_number": id_number}
        return read_answer(*await self.outside.ask("POST", f"/{office}/checks", body=body))

    async def check_card(self, *, card: str, name: str, id_number: str, phone: str) -> CardAnswer:
        """Tell whether card, name, ID number and phone belong together, by the word of which bank. Raises `Unreachable`."""
        body = {"card": card, "name": name, "id_number": id_number, "phone": phone}
        status, answer = await self.outside.ask("POST", "/cards/checks", body=body)
        bank = answer.get("bank")
        if not isinstance(bank, str) or not _BANK.fullmatch(bank):
            raise Unreachable
        return CardAnswer(read_answer(status, answer), bank)
