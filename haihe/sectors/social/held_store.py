"""What the bureau holds about a resident, and how it is destroyed; who was covered for which year stays, for the books."""

from __future__ import annotations

from typing import Final

from haihe.base.holdings import Holding, queried
from haihe.base.i18n import N_

HOLDINGS: Final = (
    Holding(
        "social_standing",
        N_("Standing at the bureau"),
        tables=("social_standings",),
        read=queried(
            "SELECT standing, valid_from, until FROM social_standings WHERE person = %(citizen)s ORDER BY valid_from"
        ),
        erase=("DELETE FROM social_standings WHERE person = %(citizen)s",),
    ),
    Holding(
        "social_relatives",
        N_("Relatives for whom I pay contributions, or who pay mine"),
        tables=("social_relatives",),
        read=queried(
            """
            SELECT citizen = %(citizen)s AS i_pay, since
            FROM social_relatives
            WHERE citizen = %(citizen)s OR person = %(citizen)s
            """
        ),
        erase=("DELETE FROM social_relatives WHERE citizen = %(citizen)s OR person = %(citizen)s",),
    ),
    Holding(
        "contributions",
        N_("Contributions"),
        tables=("contributions",),
        read=queried(
            """
            SELECT year, tier, amount, subsidy, receipt, covered_from, recorded_at
            FROM contributions
            WHERE person = %(citizen)s
            ORDER BY year
            """
        ),
    ),
)
