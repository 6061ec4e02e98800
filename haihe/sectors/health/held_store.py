"""What hospitals and the insurance hold about a patient, and how it is destroyed; what was billed stays, for the books."""

from __future__ import annotations

from typing import Final

from haihe.base.holdings import Holding, Pending, queried
from haihe.base.i18n import N_
from haihe.sectors.health.model import NUMBER

HOLDINGS: Final = (
    Holding(
        "insurance",
        N_("Medical insurance"),
        tables=("insured", "health_years"),
        read=queried(
            """
            SELECT i.since, y.year, y.deductible_before, y.fund_before, y.deductible_used, y.fund_used
            FROM (SELECT %(citizen)s::bigint AS patient) p
            LEFT JOIN insured i ON i.patient = p.patient
            LEFT JOIN health_years y ON y.patient = p.patient
            WHERE i.patient IS NOT NULL OR y.patient IS NOT NULL
            ORDER BY y.year
            """
        ),
        erase=("DELETE FROM insured WHERE patient = %(citizen)s",),
    ),
    Holding(
        "clinic_bills",
        N_("Clinic bills"),
        tables=("health_bills",),
        read=queried(
            """
            SELECT b.due, o.names AS hospital, b.visit, b.year, b.deductible, b.fund, d.amount, d.status, d.issued_at, d.body
            FROM health_bills b
            JOIN dues d ON d.id = b.due
            JOIN organisations o ON o.id = b.hospital
            WHERE b.patient = %(citizen)s
            ORDER BY b.due
            """
        ),
        pending=(
            Pending(
                f"SELECT count(*) FROM dues WHERE kind = {NUMBER} AND subject = %(citizen)s AND status = 0",  # noqa: S608 - a constant
                N_("A clinic bill is not paid yet."),
            ),
        ),
    ),
    Holding(
        "clinic_looks",
        N_("Hospitals that opened my record"),
        tables=("clinic_looks",),
        read=queried(
            """
            SELECT l.at, o.names AS hospital
            FROM clinic_looks l
            JOIN organisations o ON o.id = l.hospital
            WHERE l.patient = %(citizen)s
            ORDER BY l.id
            """
        ),
    ),
)
