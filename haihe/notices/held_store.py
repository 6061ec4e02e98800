"""What notices hold about a person, and how it is destroyed."""

from __future__ import annotations

from typing import Final

from haihe.base.holdings import Holding, queried
from haihe.base.i18n import N_

HOLDINGS: Final = (
    Holding(
        "notices",
        N_("Notices"),
        tables=("notices", "notice_texts", "outbox"),
        read=queried(
            """
            SELECT n.id, n.at, n.kind, n.body, n.read_at, t.sent_at AS short_message_at
            FROM notices n
            LEFT JOIN notice_texts t USING (bucket, number)
            WHERE n.citizen = %(citizen)s
            ORDER BY n.id
            """
        ),
        erase=(
            """
            UPDATE outbox o
            SET body = '{}'
            FROM notices n
            WHERE n.citizen = %(citizen)s AND o.bucket = n.bucket AND o.number = n.number AND o.subject = n.citizen
            """,
            "DELETE FROM notices WHERE citizen = %(citizen)s",
        ),
    ),
    Holding(
        "notice_choices",
        N_("How I am told"),
        tables=("notice_choices",),
        read=queried(
            "SELECT kind_group, live, sms FROM notice_choices WHERE citizen = %(citizen)s ORDER BY kind_group"
        ),
        erase=("DELETE FROM notice_choices WHERE citizen = %(citizen)s",),
    ),
)
