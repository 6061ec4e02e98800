"""The page of limits: what may still be paid, why, and the way up."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get

from haihe.base.i18n import N_
from haihe.wallet.caps.model import Period, Scope
from haihe.wallet.limits.model import LIMITS_PATH, LimitName
from haihe.wallet.limits.service import Allowances
from haihe.web.guards import Viewer, own_path
from haihe.web.part import Service
from haihe.web.render import Renderer

LONGER: Final = {
    LimitName.SINCE_OPENING: N_("Since opening"),
    LimitName.YEAR: N_("This year"),
}
OF_TODAY: Final = {
    LimitName.ONE_FACTOR: N_("Without confirmation"),
    LimitName.TWO_FACTORS: N_("Confirmed with the passcode"),
    LimitName.SIGNATURE: N_("Confirmed with a passkey"),
    LimitName.STATIC_CODE: N_("By printed codes, however confirmed"),
}
CAPS: Final = {
    (Scope.ALL, Period.DAY): N_("All payments, a day"),
    (Scope.ALL, Period.MONTH): N_("All payments, a month"),
    (Scope.PAPER, Period.DAY): N_("Paper card, a day"),
    (Scope.PAPER, Period.MONTH): N_("Paper card, a month"),
}


@get(LIMITS_PATH)
async def limits_page(
    request: Request[Any, Any, Any], renderer: Renderer, viewer: Viewer, allowances: Service[Allowances]
) -> Response[str]:
    """Show the citizen's limits with what is left; `?next=` is the payment to go on with."""
    found = await allowances.of(citizen=viewer.person, bucket=viewer.bucket)
    return renderer.page(
        request,
        "limits/limits.html",
        allowance=found,
        longer=[(LONGER[one.name], one) for one in found.limits if one.name in LONGER],
        today=[(OF_TODAY[one.name], one) for one in found.limits if one.name in OF_TODAY],
        caps=[(CAPS[one.scope, one.period], one) for one in found.caps],
        next=own_path(request.query_params.get("next"), otherwise=""),
    )


HANDLERS = (limits_page,)
