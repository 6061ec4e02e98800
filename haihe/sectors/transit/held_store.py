"""What coach lines hold about a passenger; rides stand in the payments, and both stay, for the books."""

from __future__ import annotations

from typing import Final

from haihe.base.holdings import Holding, queried
from haihe.base.i18n import N_

HOLDINGS: Final = (
    Holding(
        "coach_tickets",
        N_("Coach tickets"),
        tables=("coach_tickets",),
        read=queried(
            """
            SELECT t.id, r.names AS route, u.day, t.seat, t.payment, t.ordered_at, t.checked_at, t.released
            FROM coach_tickets t
            JOIN coach_runs u ON u.id = t.run
            JOIN coach_departures d ON d.id = u.departure
            JOIN coach_routes r ON r.id = d.route
            WHERE t.citizen = %(citizen)s
            ORDER BY t.id
            """
        ),
    ),
)
