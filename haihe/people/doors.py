"""How tries at the doors through which strangers come are counted: of the phone number that is typed, and of the address.

Where those tries are used up, by whomever, the number's owner still comes in with a browser that was signed in with before.
"""

from __future__ import annotations

from typing import Any

from litestar import Request

from haihe.base.throttle import Limits, TooMany
from haihe.people.devices.visits import visit_of
from haihe.people.errors import PhoneInvalid
from haihe.people.rules import read_phone
from haihe.people.service import People


def count_try(limits: Limits, kind: str, host: str, phone: str) -> None:
    """Count a try with a phone number, however it is written; what is no number counts for the address alone. Raises `TooMany`."""
    limits.count(kind, host, who=_number(phone))


async def knock(limits: Limits, kind: str, request: Request[Any, Any, Any], phone: str, people: People) -> None:
    """Count a try that comes from a browser: one that the number's owner has used before has tries of its own. Raises `TooMany`."""
    host = request.client.host if request.client else ""
    try:
        count_try(limits, kind, host, phone)
    except TooMany:
        visit = visit_of(request)
        owner = await people.find(_number(phone)) if _number(phone) else None
        if owner is None or not await people.devices.knows(owner.id, visit):
            raise
        limits.count(kind, host, who=_number(phone), device=visit.device)


def _number(phone: str) -> str:
    try:
        return read_phone(phone)
    except PhoneInvalid:
        return ""
