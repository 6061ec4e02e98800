"""What schools hold about a guardian, and how it is destroyed; a pupil's name is sealed under a key of the pupil's own."""

from __future__ import annotations

from typing import Final

from haihe.base.holdings import Holding, queried
from haihe.base.i18n import N_

HOLDINGS: Final = (
    Holding(
        "pupils",
        N_("Children at school"),
        tables=("guardians", "pupils"),
        read=queried(
            """
            SELECT p.number, c.name AS class, o.names AS school
            FROM guardians g
            JOIN pupils p ON p.id = g.pupil
            JOIN school_classes c ON c.id = p.class
            JOIN organisations o ON o.id = p.school
            WHERE g.citizen = %(citizen)s
            ORDER BY p.id
            """
        ),
        erase=("DELETE FROM guardians WHERE citizen = %(citizen)s",),
    ),
)
