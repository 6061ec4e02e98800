"""What limits add to the web application."""

from __future__ import annotations

from pathlib import Path

from haihe.base.i18n import N_
from haihe.wallet.limits import api, pages
from haihe.wallet.limits.model import LIMITS_PATH
from haihe.wallet.limits.service import Allowances
from haihe.web.part import Link, Part


def part(allowances: Allowances) -> Part:
    """Give the page and the API of limits."""
    return Part(
        "limits",
        handlers=(*api.HANDLERS, *pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"allowances": allowances},
        settings=(Link(LIMITS_PATH, "gauge", N_("My limits")),),
    )
