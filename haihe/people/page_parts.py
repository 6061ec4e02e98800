"""What the pages of people share: a refusal put where it belongs, and the way on after a sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.response import Redirect

from haihe.base.clock import Clock
from haihe.base.errors import Refusal
from haihe.base.i18n import translator
from haihe.people.devices.visits import keep_device
from haihe.people.model import SignedIn
from haihe.web.display import keep_display
from haihe.web.forms import Form
from haihe.web.guards import SESSION_COOKIE, keep_session
from haihe.web.language import LANGUAGE_COOKIE, LANGUAGE_COOKIE_S

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal that a page shows above its form, in the person's language; `code` decides what is offered instead."""

    code: str = ""
    text: str = ""


NO_PROBLEM = Problem()


def place_refusal(form: Form[Any], refusal: Refusal, lang: str) -> tuple[Form[Any], Problem]:
    """Put a refusal at the field it names, else above the form; its code is given either way."""
    text = refusal.message(translator(lang))
    field = str(refusal.details.get("field", ""))
    if field:
        return form.refused(field, text), Problem(refusal.code)
    return form, Problem(refusal.code, text)


def welcome(request: AnyRequest, signed: SignedIn, *, target: str, clock: Clock) -> Redirect:
    """Keep the session in the browser and go on to where the person wanted to go, e.g. the fare that was scanned."""
    response = Redirect(target, status_code=303)
    now = clock.now()
    keep_session(request, response, SESSION_COOKIE, token=signed.token, expires=signed.expires_at, now=now)
    keep_device(request, response, signed.device)
    if LANGUAGE_COOKIE not in request.cookies:
        keep_language(response, signed.citizen.language)
    if signed.citizen.display:
        keep_display(response, signed.citizen.display)
    return response


def keep_language(response: Redirect, language: str) -> None:
    """Let the browser ask for a language from now on."""
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=LANGUAGE_COOKIE_S, samesite="lax")
