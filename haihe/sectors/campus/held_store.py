"""What universities hold about a citizen, and how it is destroyed."""

from __future__ import annotations

from typing import Final

from haihe.base.holdings import Holding, queried
from haihe.base.i18n import N_

HOLDINGS: Final = (
    Holding(
        "campus_cards",
        N_("Campus cards"),
        tables=("campus_cards",),
        read=queried(
            """
            SELECT c.number, o.names AS university, c.role, c.status, c.valid_until
            FROM campus_cards c
            JOIN organisations o ON o.id = c.organisation
            WHERE c.citizen = %(citizen)s
            """
        ),
        erase=(
            # The row is named by whoever is at the university; the number, which is the person's, goes.
            "UPDATE campus_cards SET status = 1, number = 'erased-' || citizen WHERE citizen = %(citizen)s",
        ),
    ),
)
