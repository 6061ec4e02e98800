"""The law comes into force: what limits.toml says becomes the ledger's turnover limits."""

from __future__ import annotations

from datetime import date
from typing import Final

from haihe.base.database import Connection
from haihe.ledger import service as ledger
from haihe.ledger.model import TurnoverLimits
from haihe.people.law.model import Law
from haihe.people.model import CitizenClass

_OPEN_DAY: Final = "SELECT max(booking_day) FROM heads"
_IN_FORCE: Final = """
SELECT limit_class, day_a, day_b, day_c, day_d, year, total
FROM turnover_limits
WHERE limit_class = %s AND since <= %s
ORDER BY since DESC
LIMIT 1
"""


async def put_in_force(connection: Connection, law: Law) -> None:
    """Give the ledger every limit of the law, those of coming days too; may be repeated at every start.

    What a closed booking day was judged by never changes: rules of days that are behind hold from the open one on.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('law'))")
    row = await (await connection.execute(_OPEN_DAY)).fetchone()
    open_day: date = row[0] if row else date.min
    for citizen_class in CitizenClass:
        steps = {max(one.since, open_day): one.limits(citizen_class) for one in law.rules}
        for since, limits in steps.items():
            if await _on(connection, citizen_class, since) != limits:
                await ledger.set_limits(connection, limits, since=since)


async def _on(connection: Connection, citizen_class: CitizenClass, day: date) -> TurnoverLimits | None:
    row = await (await connection.execute(_IN_FORCE, (int(citizen_class), day))).fetchone()
    return TurnoverLimits(*row) if row else None
