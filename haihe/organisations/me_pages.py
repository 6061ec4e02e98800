"""The console's page of one's own sign-in: password, second factor."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.errors import Refusal
from haihe.base.i18n import N_, translate, translator
from haihe.base.throttle import Limits
from haihe.organisations import totp
from haihe.organisations.factors import Draft
from haihe.organisations.me import OwnSignIn
from haihe.organisations.model import FACTOR_ROLES, ROLE_NAMES
from haihe.organisations.pages import host_of, keep_staff, visit_of
from haihe.organisations.service import Organisations
from haihe.organisations.signing import PASSWORD_CHARACTERS_MIN
from haihe.web import svg
from haihe.web.forms import Form, read_form
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.render import Renderer

PATH: Final = "/console/me"
FACTOR: Final = f"{PATH}/second-factor"
ISSUER: Final = "Haihe"

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]


class PasswordForm(msgspec.Struct, frozen=True):
    """The password as it is and as it shall be."""

    password: str
    new: str


class FactorForm(msgspec.Struct, frozen=True):
    """A drafted second factor with its first code."""

    draft: str
    password: str
    code: str


class RemoveForm(msgspec.Struct, frozen=True):
    """The password, to take the second factor away."""

    password: str


@get(PATH)
async def me_page(request: AnyRequest, renderer: Renderer, staff: Staff, own_sign_in: Service[OwnSignIn]) -> Page:
    """Show how one signs in."""
    return await _me(request, renderer, staff, own_sign_in, Form())


async def _me(
    request: AnyRequest,
    renderer: Renderer,
    staff: Staff,
    own_sign_in: OwnSignIn,
    form: Form[Any],
    *,
    status_code: int = 200,
) -> Page:
    card, codes = await own_sign_in.standing(staff)
    return renderer.page(
        request,
        "organisations/me.html",
        status_code=status_code,
        card=card,
        codes=codes,
        form=form,
        role=ROLE_NAMES[card.member.role],
        needs_factor=card.member.role in FACTOR_ROLES,
        characters=PASSWORD_CHARACTERS_MIN,
        done=request.query_params.get("done", ""),
    )


@post(f"{PATH}/password")
async def change_password(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    own_sign_in: Service[OwnSignIn],
    organisations: Service[Organisations],
    limits: Service[Limits],
) -> Page:
    """Change the password: every other session ends."""
    form = await read_form(request, PasswordForm)
    if form.data is None:
        return await _me(request, renderer, staff, own_sign_in, form, status_code=422)
    try:
        limits.count("sign_in", host_of(request), who=str(staff.person))
        signed = await own_sign_in.change_password(
            staff, old=form.data.password, new=form.data.new, visit=visit_of(request)
        )
    except Refusal as refusal:
        refused = _refused(form, refusal, lang)
        return await _me(request, renderer, staff, own_sign_in, refused, status_code=refusal.status)
    response = Redirect(f"{PATH}?done=password", status_code=303)
    keep_staff(request, response, organisations, signed)
    return response


@get(FACTOR)
async def factor_page(
    request: AnyRequest, renderer: Renderer, lang: str, staff: Staff, own_sign_in: Service[OwnSignIn]
) -> Page:
    """Offer a new second factor to scan."""
    return await _factor(request, renderer, lang, staff, own_sign_in, own_sign_in.factors.draft(staff.person), Form())


@post(FACTOR)
async def add_factor(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    own_sign_in: Service[OwnSignIn],
    limits: Service[Limits],
) -> Page:
    """Take a second factor with its first code, and show the recovery codes, once."""
    form = await read_form(request, FactorForm)
    draft = own_sign_in.factors.read_draft(staff.person, form.values.get("draft", ""))
    if form.data is None:
        return await _factor(request, renderer, lang, staff, own_sign_in, draft, form, status_code=422)
    try:
        limits.count("sign_in", host_of(request), who=str(staff.person))
        codes = await own_sign_in.enrol(
            staff, draft, password=form.data.password, code=form.data.code, visit=visit_of(request)
        )
    except Refusal as refusal:
        refused = _refused(form, refusal, lang)
        return await _factor(request, renderer, lang, staff, own_sign_in, draft, refused, status_code=refusal.status)
    page = renderer.page(request, "organisations/recovery.html", codes=codes)
    page.headers["Cache-Control"] = "no-store"
    return page


@post(f"{FACTOR}/remove")
async def remove_factor(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    own_sign_in: Service[OwnSignIn],
    limits: Service[Limits],
) -> Page:
    """Take the second factor away."""
    form = await read_form(request, RemoveForm)
    if form.data is None:
        return await _me(request, renderer, staff, own_sign_in, form, status_code=422)
    try:
        limits.count("sign_in", host_of(request), who=str(staff.person))
        await own_sign_in.remove(staff, password=form.data.password, visit=visit_of(request))
    except Refusal as refusal:
        refused = _refused(form, refusal, lang)
        return await _me(request, renderer, staff, own_sign_in, refused, status_code=refusal.status)
    return Redirect(f"{PATH}?done=removed", status_code=303)


async def _factor(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    own_sign_in: OwnSignIn,
    draft: Draft,
    form: Form[Any],
    *,
    status_code: int = 200,
) -> Page:
    card, _ = await own_sign_in.standing(staff)
    address = totp.address(draft.secret, issuer=ISSUER, login=card.member.login)
    page = renderer.page(
        request,
        "organisations/factor.html",
        status_code=status_code,
        drawn=svg.qr(address, translate(lang, N_("Second factor"))),
        secret=totp.written(draft.secret),
        draft=draft.text,
        form=form,
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def _refused(form: Form[Any], refusal: Refusal, lang: str) -> Form[Any]:
    return form.refused(str(refusal.details.get("field", "password")), refusal.message(translator(lang)))


HANDLERS: Final = (me_page, change_password, factor_page, add_factor, remove_factor)
