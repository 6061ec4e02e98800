"""What devices add to the web app."""

from __future__ import annotations

from haihe.base.i18n import N_
from haihe.people.devices import api, pages
from haihe.people.devices.service import Devices
from haihe.web.part import Link, Part


def part(devices: Devices) -> Part:
    """Give the page and the API of devices."""
    return Part(
        "devices",
        handlers=(*pages.HANDLERS, *api.HANDLERS),
        templates=pages.TEMPLATES,
        dependencies={"devices": devices},
        settings=[Link("/me/devices", "monitor-smartphone", N_("Devices"))],
    )
