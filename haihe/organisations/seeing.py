"""That staff looked at somebody's data: written down, and told to the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from haihe.base import audit, outbox
from haihe.base.audit import Actor, Deed
from haihe.base.database import Connection
from haihe.base.outbox import News
from haihe.web.guards import Staff

SEEN: Final = "person_seen"
ONE_LOOK: Final = timedelta(hours=1)
"""Within so long the same member of staff looking at the same data is one look: a page is opened several times."""

_KNOWN: Final = """
SELECT DISTINCT subject
FROM audit
WHERE subject = ANY(%s) AND actor_kind = %s AND actor = %s AND action = %s AND at > %s AND details = %s
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Whose data it is: a citizen with their bucket."""

    citizen: int
    bucket: int


async def note_seen(connection: Connection, staff: Staff, people: Sequence[Seen], *, what: str, at: datetime) -> None:
    """Write that somebody of staff looked at the data of citizens, as last statement of the caller's transaction; `what` is a code."""
    ids = [one.citizen for one in people]
    details = f'{{"what":"{what}"}}'
    rows = await connection.execute(_KNOWN, (ids, int(Actor.STAFF), staff.person, SEEN, at - ONE_LOOK, details))
    known = {row[0] for row in await rows.fetchall()}
    fresh = [one for one in people if one.citizen not in known]
    if not fresh:
        return
    body = {"organisation": staff.organisation, "action": what}
    for bucket in sorted({one.bucket for one in fresh}):
        news = [News(SEEN, one.citizen, body) for one in fresh if one.bucket == bucket]
        await outbox.publish(connection, bucket, news, at=at)
    await audit.write(connection, [_deed(staff, one.citizen, what) for one in fresh], at=at)


def _deed(staff: Staff, citizen: int, what: str) -> Deed:
    return Deed(
        action=SEEN,
        actor=Actor.STAFF,
        actor_id=staff.person,
        organisation=staff.organisation,
        subject=citizen,
        details={"what": what},
    )
