"""The JSON API of automatic top-ups."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, put
from litestar.params import JSONBody

from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.wallet.auto.errors import AutoRuleUnknown
from haihe.wallet.auto.model import AutoRule
from haihe.wallet.auto.service import AutoTopUps, RuleWish
from haihe.wallet.rules import read_id
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, problems, read_exactly
from haihe.web.part import Service

PATH: Final = "/api/top-ups/automatic"
TEXT_CHARACTERS_MAX: Final = 200


class RuleBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Whenever the wallet has less than `below`, `amount` is pulled from the card, at most `month_max` in a month; fen."""

    card: Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$")]
    below: int
    amount: int
    month_max: int
    passcode: Annotated[str, msgspec.Meta(max_length=TEXT_CHARACTERS_MAX)] = ""


class RuleAnswer(msgspec.Struct, frozen=True):
    """A rule as it stands; `stopped` says why it does nothing any more, "" while it does."""

    card: str
    below: int
    amount: int
    month_max: int
    stopped: str


@get(
    PATH,
    guards=[signed_in],
    include_in_schema=True,
    summary="Read the automatic top-up",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(401, 404, 503),
)
async def read_rule(viewer: Viewer, auto_top_ups: Service[AutoTopUps]) -> RuleAnswer:
    """Give the citizen's rule."""
    rule = await auto_top_ups.of(citizen=viewer.person, bucket=viewer.bucket)
    if rule is None:
        raise AutoRuleUnknown
    return _answer(rule)


@put(
    PATH,
    guards=[signed_in],
    include_in_schema=True,
    summary="Set the automatic top-up",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(400, 401, 403, 404, 413, 422, 429, 503),
)
async def set_rule(
    data: JSONBody[RuleBody],
    request: Request[Any, Any, Any],
    viewer: Viewer,
    auto_top_ups: Service[AutoTopUps],
    limits: Service[Limits],
) -> RuleAnswer:
    """Set or change the citizen's rule; it takes the passcode."""
    data = await read_exactly(request, RuleBody)
    limits.count("top_up", host_of(request), who=str(viewer.person))
    wish = RuleWish(card=read_id(data.card) or 0, below=data.below, amount=data.amount, month_max=data.month_max)
    rule = await auto_top_ups.set(wish, citizen=viewer.person, bucket=viewer.bucket, passcode=data.passcode)
    return _answer(rule)


@delete(
    PATH,
    guards=[signed_in],
    include_in_schema=True,
    summary="Remove the automatic top-up",
    tags=["wallet"],
    security=SIGNED_IN,
    responses=problems(401, 404, 503),
)
async def remove_rule(viewer: Viewer, auto_top_ups: Service[AutoTopUps]) -> None:
    """Remove the citizen's rule."""
    await auto_top_ups.remove(citizen=viewer.person, bucket=viewer.bucket)


def _answer(rule: AutoRule) -> RuleAnswer:
    return RuleAnswer(str(rule.card), rule.below, rule.amount, rule.month_max, rule.stopped)


HANDLERS: Final = (read_rule, set_rule, remove_rule)
