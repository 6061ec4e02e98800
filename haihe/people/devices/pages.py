"""The page of the devices on which a citizen is signed in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.ids import ID_MAX
from haihe.people.devices.errors import DeviceUnknown
from haihe.people.devices.rules import device_name
from haihe.people.devices.service import Devices
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

TEMPLATES: Final = Path(__file__).parent / "templates"
AnyRequest = Request[Any, Any, Any]


@get("/me/devices")
async def show_devices(
    request: AnyRequest, renderer: Renderer, lang: str, viewer: Viewer, devices: Service[Devices]
) -> Response[str]:
    """Show where the citizen is signed in, this device first."""
    living = await devices.living(viewer.person)
    own = [one for one in living if one.session == viewer.session]
    others = [one for one in living if one.session != viewer.session]
    named = [(one, device_name(one.browser, one.system, lang)) for one in (*own, *others)]
    is_done = request.query_params.get("ended") == "1"
    return renderer.page(
        request,
        "devices/devices.html",
        devices=named,
        session=viewer.session,
        has_others=bool(others),
        is_done=is_done,
    )


@post("/me/devices/{session:int}/sign-out")
async def end_device(viewer: Viewer, devices: Service[Devices], session: int) -> Redirect:
    """Sign the citizen out of one other device. Raises `DeviceUnknown`."""
    await devices.end(viewer.person, checked(session), by=viewer.session)
    return Redirect("/me/devices?ended=1", status_code=303)


@post("/me/devices/sign-out-others")
async def end_others(viewer: Viewer, devices: Service[Devices]) -> Redirect:
    """Sign the citizen out everywhere but here."""
    await devices.end_others(viewer.person, keep=viewer.session)
    return Redirect("/me/devices?ended=1", status_code=303)


def checked(session: int) -> int:
    """Give a session's number that can be one. Raises `DeviceUnknown`."""
    if not 0 < session <= ID_MAX:
        raise DeviceUnknown
    return session


HANDLERS: Final = (show_devices, end_device, end_others)
