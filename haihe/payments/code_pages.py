"""The page `/pay`: the payment code that a citizen shows to a till, as QR code, Code 128 and digits.

The page renews the code before it ends, and goes on to the paid page as soon as a till has used it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get, post
from markupsafe import Markup

from haihe.base.i18n import N_, translate
from haihe.base.throttle import Limits
from haihe.codes.model import PaymentCode
from haihe.payments.code_api import CodeState, fresh_code, own_state, seconds_left
from haihe.payments.service import Payments
from haihe.wallet.service import Wallets
from haihe.web import svg
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

STATIC: Final = Path(__file__).parent / "static"
DIGITS_IN_GROUP: Final = 4
SQUARE_LABEL: Final = N_("Payment code as a QR code")
BARS_LABEL: Final = N_("Payment code as a barcode")

PageRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A code as the page shows it."""

    digits: str
    lasts_s: int
    square: Markup
    bars: Markup

    @property
    def grouped(self) -> str:
        """The digits in fours, as people read them out."""
        return " ".join(
            self.digits[start : start + DIGITS_IN_GROUP] for start in range(0, len(self.digits), DIGITS_IN_GROUP)
        )


@get("/pay")
async def show_code(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    wallets: Service[Wallets],
    limits: Service[Limits],
) -> Response[str]:
    """Show a fresh payment code."""
    code = await fresh_code(payments, limits, viewer, host=_host(request))
    balance = (await wallets.balance(citizen=viewer.person, bucket=viewer.bucket)).amount
    return renderer.page(request, "payments/code.html", shown=_drawn(payments, code, lang), balance=balance)


@post("/pay/codes", status_code=200)
async def renew_code(
    request: PageRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    limits: Service[Limits],
) -> Response[str]:
    """Give the page a fresh code, drawn."""
    code = await fresh_code(payments, limits, viewer, host=_host(request))
    return renderer.page(request, "payments/shown_code.html", shown=_drawn(payments, code, lang))


@get("/pay/codes/{code:str}")
async def watch_code(viewer: Viewer, payments: Service[Payments], code: str) -> CodeState:
    """Tell the page what became of its code. Raises `PaymentCodeUnknown`."""
    return await own_state(payments, viewer, code)


def _drawn(payments: Payments, code: PaymentCode, lang: str) -> Shown:
    digits = str(code.code)
    return Shown(
        digits,
        seconds_left(code, payments.clock.now()),
        square=svg.qr(digits, translate(lang, SQUARE_LABEL)),
        bars=svg.code128(digits, translate(lang, BARS_LABEL)),
    )


def _host(request: PageRequest) -> str:
    return request.client.host if request.client else ""


HANDLERS: Final = (show_code, renew_code, watch_code)
