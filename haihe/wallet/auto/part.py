"""What automatic top-ups add to the web app, and their job."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from haihe.base.i18n import N_
from haihe.base.jobs import Periodic
from haihe.wallet.auto import api, pages
from haihe.wallet.auto.service import AutoTopUps
from haihe.web.part import Link, Part

LOOK_CRON: Final = "* * * * * */20"
"""Every twenty seconds (they stand last): who pays at the door of a bus wants the money there at the next one."""


def part(rules: AutoTopUps) -> Part:
    """Give the page and the API of automatic top-ups."""
    return Part(
        "auto",
        handlers=(*api.HANDLERS, *pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"auto_top_ups": rules},
        settings=(Link("/top-up/automatic", "repeat", N_("Automatic top-up")),),
    )


def jobs(rules: AutoTopUps) -> list[Periodic]:
    """Give the work that runs beside the city: finding wallets that have too little."""
    return [Periodic("wallet.auto_top_up", "auto_top_up", LOOK_CRON, rules.look)]
