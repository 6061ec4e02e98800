"""The citizen's first screen: balance, what is due, what can be done; the search for services, the scanner, the offline page.

It owns no data. It may call wallet, codes, catalogue, organisations and payments, and shows the tiles that sectors bring.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from haihe.base.i18n import N_
from haihe.home import pages, service_pages
from haihe.home.screen import HomeScreen
from haihe.home.services import ServiceLink
from haihe.web.part import Link, Part

__all__ = ["part"]

PAYMENT_CODE: Final = Link("/pay", "qr-code", N_("Payment code"))
"""What every shop and every bus takes stands beside the sectors."""


def part(
    *,
    tiles: Sequence[Link],
    city_url: str,
    service_links: Mapping[str, ServiceLink] | None = None,
    unread: Callable[[int], Awaitable[int]] | None = None,
) -> Part:
    """Give the home screen with the tiles of all sectors, and that of the payment code.

    `city_url` is the address that stands in stickers; `service_links` says where the services of a sector are paid; `unread` counts
    what a citizen was told and has not read.
    """
    return Part(
        "home",
        handlers=(*pages.HANDLERS, *service_pages.HANDLERS),
        templates=Path(__file__).parent / "templates",
        dependencies={"home_screen": HomeScreen((*tiles, PAYMENT_CODE), city_url, service_links or {}, unread)},
    )
