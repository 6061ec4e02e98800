"""The JSON API of the account's class: where one stands, and one check more."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody

from haihe.base.throttle import Limits
from haihe.people.api import host_of
from haihe.people.checks.channels import ONLINE
from haihe.people.checks.model import Channel, Standing
from haihe.people.checks.service import Identities
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, problems
from haihe.web.part import Service

CHECK: Final = "identity_check"
"""The rate limit's name."""
ChannelWord = Annotated[str, msgspec.Meta(pattern=f"^({'|'.join(one.word for one in ONLINE)})$")]
IdText = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,18}$")]


class CheckBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which channel is to be asked; for `bank` also the id of one of the citizen's cards (/api/cards)."""

    channel: ChannelWord
    card: IdText = "0"


class CheckAnswer(msgspec.Struct, frozen=True):
    """What a source said: `answer` match or mismatch; `source` is what counts once."""

    channel: str
    source: str
    answer: str
    checked_at: str


class NextClass(msgspec.Struct, frozen=True):
    """The class above, and how many independent checks are missing for it."""

    name: str
    missing: int


class ClassAnswer(msgspec.Struct, frozen=True):
    """A citizen's class, the checks made, how many independent sources knew the citizen, and the next class; None at the top."""

    name: str = msgspec.field(name="class")
    positive: int
    checks: tuple[CheckAnswer, ...]
    next_class: NextClass | None


@get(
    "/api/me/class",
    guards=[signed_in],
    include_in_schema=True,
    summary="Class of my account",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def read_class(viewer: Viewer, identities: Service[Identities]) -> ClassAnswer:
    """Give the class of the citizen's account, the checks of identity behind it, and what the next class needs."""
    return answer_of(await identities.standing(viewer.person))


@post(
    "/api/me/checks",
    status_code=200,
    guards=[signed_in],
    include_in_schema=True,
    summary="Have my identity checked",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(400, 401, 404, 413, 422, 429, 503),
)
async def check(
    data: JSONBody[CheckBody],
    request: Request[Any, Any, Any],
    viewer: Viewer,
    identities: Service[Identities],
    limits: Service[Limits],
) -> ClassAnswer:
    """Have one source asked, and the class raised where that is enough. Who was known there already is not asked about again."""
    limits.count(CHECK, host_of(request), who=str(viewer.person))
    return answer_of(await identities.check(viewer.person, Channel[data.channel.upper()], card=int(data.card)))


def answer_of(standing: Standing) -> ClassAnswer:
    """Write a standing as the API says it."""
    goal = standing.next_class
    return ClassAnswer(
        name=standing.citizen_class.name,
        positive=standing.positive,
        checks=tuple(
            CheckAnswer(
                channel=one.said.channel.name.lower(),
                source=one.said.source,
                answer=one.said.answer.value,
                checked_at=one.checked_at.isoformat(timespec="seconds"),
            )
            for one in standing.checks
        ),
        next_class=NextClass(goal.name, standing.missing) if goal else None,
    )


HANDLERS = (read_class, check)
