"""The population registry: does this name belong to this ID number?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, Protocol

from haihe.outside.http import Outside, Unreachable


class Answer(Enum):
    """What a check of identity says; a missing answer is `Unreachable`, never a guess."""

    MATCH = "match"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    """An identity that nobody has, handed out by a demo registry."""

    name: str
    id_number: str
    phone: str


class Registry(Protocol):
    """Whoever keeps the population's names and ID numbers."""

    async def check(self, *, name: str, id_number: str) -> Answer:
        """Tell whether name and ID number belong together. Raises `Unreachable`."""
        ...


class DemoRegistry(Protocol):
    """What only a demo registry can do."""

    async def made_up_person(self) -> MadeUpPerson:
        """Hand out an identity that nobody registered yet. Raises `Unreachable`."""
        ...


@dataclass(frozen=True)
class HttpRegistry:
    """The registry behind an HTTP address (demo/services/registry.py describes it)."""

    outside: Outside

    async def check(self, *, name: str, id_number: str) -> Answer:
        """Tell whether name and ID number belong together. Raises `Unreachable`."""
        status, answer = await self.outside.ask("POST", "/checks", body={"name": name, "id_number": id_number})
        return read_answer(status, answer)

    async def made_up_person(self) -> MadeUpPerson:
        """Hand out an identity that nobody registered yet. Raises `Unreachable`."""
        _, answer = await self.outside.ask("GET", "/sample")
        try:
            return MadeUpPerson(str(answer["name"]), str(answer["id_number"]), str(answer["phone"]))
        except KeyError as error:
            raise Unreachable from error


def read_answer(status: int, answer: dict[str, Any]) -> Answer:
    """Read "match" or "mismatch" from an answer; anything else is none. Raises `Unreachable`."""
    try:
        if status == HTTPStatus.OK:
            return Answer(answer.get("answer"))
    except ValueError:
        pass
    raise Unreachable
