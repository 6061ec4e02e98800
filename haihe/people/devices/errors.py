"""How requests about devices are refused."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class DeviceUnknown(Refusal):
    """There is no such sign-in, or it is someone else's."""

    code = "device_unknown"
    status = 404
    text = N_("There is no such device on your list.")
