"""How a refund is told: by what it gives back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from haihe.base.i18n import N_, translate
from haihe.payments import store
from haihe.payments.model import Description, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from haihe.base.database import Connection
    from haihe.payments.model import Payment

ICON: Final = "undo-2"
TITLE: Final = N_("Refund")


async def originals(connection: Connection, payments: Sequence[Payment]) -> dict[int, Payment]:
    """Read the payments that refunds give back, by the refund's id; payments of several buckets may stand in the list."""
    named: dict[int, list[Payment]] = defaultdict(list)
    for one in payments:
        if one.status is Status.REFUND:
            named[one.bucket].append(one)
    found: dict[int, Payment] = {}
    for bucket, refunds in named.items():
        paid = await store.by_ids(connection, bucket, [one.names for one in refunds])
        found |= {one.id: paid[one.names] for one in refunds}
    return found


def told_as_refund(description: Description, lang: str) -> Description:
    """Tell a refund by its payment's description."""
    title = translate(lang, N_("Refund: {title}"), title=description.title)
    return replace(description, title=title, icon=ICON, link=None)
