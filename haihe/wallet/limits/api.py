"""The JSON API of limits."""

from __future__ import annotations

import msgspec
from litestar import get

from haihe.base.money import CURRENCY
from haihe.wallet.limits.model import Allowance
from haihe.wallet.limits.service import Allowances
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, problems
from haihe.web.part import Service


class LimitAnswer(msgspec.Struct, frozen=True):
    """A limit of the law in fen: `left` may still be paid under it when all others hold, too."""

    name: str
    limit: int
    used: int
    left: int


class CapAnswer(msgspec.Struct, frozen=True):
    """What was agreed for this wallet, in fen: over `scope` (all, paper) in a `period` (day, month)."""

    scope: str
    period: str
    limit: int
    used: int
    left: int


class WayAnswer(msgspec.Struct, frozen=True):
    """A way to pay more: passcode, set_passcode, passkey, identity_check; `left` fen could be paid then, `class` with `missing` checks."""

    kind: str
    href: str
    left: int
    goal: str = msgspec.field(name="class")
    missing: int


class LimitsAnswer(msgspec.Struct, frozen=True):
    """What the citizen may still pay on a day, by which law, and the ways to pay more. Amounts in fen."""

    day: str
    name: str = msgspec.field(name="class")
    currency: str
    source: str
    limits: tuple[LimitAnswer, ...]
    caps: tuple[CapAnswer, ...]
    ways: tuple[WayAnswer, ...]


@get(
    "/api/me/limits",
    guards=[signed_in],
    include_in_schema=True,
    summary="What I may still pay",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def read_limits(viewer: Viewer, allowances: Service[Allowances]) -> LimitsAnswer:
    """Give every limit with what is used and left, the citizen's own caps, and the ways up."""
    return _answer(await allowances.of(citizen=viewer.person, bucket=viewer.bucket))


def _answer(found: Allowance) -> LimitsAnswer:
    caps = (
        CapAnswer(
            one.scope.name.lower(),
            one.period.name.lower(),
            one.amount,
            used=one.used(found.day),
            left=one.left(found.day),
        )
        for one in found.caps
    )
    return LimitsAnswer(
        day=found.day.isoformat(),
        name=found.standing.citizen_class.name,
        currency=CURRENCY,
        source=found.source,
        limits=tuple(LimitAnswer(one.name.value, one.amount, one.used, one.left) for one in found.limits),
        caps=tuple(caps),
        ways=tuple(
            WayAnswer(one.kind.value, one.href, one.left, goal=one.goal, missing=one.missing) for one in found.ways
        ),
    )


HANDLERS = (read_limits,)
