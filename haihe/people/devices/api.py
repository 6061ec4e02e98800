"""The JSON API of devices."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import delete, get

from haihe.people.devices.pages import checked
from haihe.people.devices.rules import device_name
from haihe.people.devices.service import Devices
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, problems
from haihe.web.part import Service


class Device(msgspec.Struct, frozen=True):
    """Where the citizen is signed in; `is_this` is the session of the token that asks. Times in ISO 8601; `seen_at` to the hour."""

    id: str
    name: str
    is_this: bool
    signed_in_at: str
    seen_at: str
    expires_at: str


class DeviceList(msgspec.Struct, frozen=True):
    """Devices, the newest first."""

    items: tuple[Device, ...]


class EndedCount(msgspec.Struct, frozen=True):
    """On how many other devices the citizen was signed out."""

    ended: int


@get(
    "/api/me/devices",
    guards=[signed_in],
    include_in_schema=True,
    summary="List the devices on which I am signed in",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def list_devices(viewer: Viewer, lang: str, devices: Service[Devices]) -> DeviceList:
    """Give where the citizen is signed in; a demo's token is no device."""
    items = tuple(
        Device(
            id=str(one.session),
            name=device_name(one.browser, one.system, lang),
            is_this=one.session == viewer.session,
            signed_in_at=one.signed_in_at.isoformat(timespec="seconds"),
            seen_at=one.seen_at.isoformat(timespec="seconds"),
            expires_at=one.expires_at.isoformat(timespec="seconds"),
        )
        for one in await devices.living(viewer.person)
    )
    return DeviceList(items)


@delete(
    "/api/me/devices/{device:int}",
    guards=[signed_in],
    include_in_schema=True,
    summary="Sign out on one device",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(401, 404, 503),
)
async def end_device(viewer: Viewer, devices: Service[Devices], device: int) -> None:
    """End a session of the citizen; a second time has no effect."""
    await devices.end(viewer.person, checked(device), by=viewer.session)


@delete(
    "/api/me/devices",
    status_code=200,
    guards=[signed_in],
    include_in_schema=True,
    summary="Sign out on all other devices",
    tags=["people"],
    security=SIGNED_IN,
    responses=problems(401, 503),
)
async def end_other_devices(viewer: Viewer, devices: Service[Devices]) -> EndedCount:
    """End every session of the citizen but that of the token that asks."""
    return EndedCount(await devices.end_others(viewer.person, keep=viewer.session))


HANDLERS: Final = (list_devices, end_device, end_other_devices)
