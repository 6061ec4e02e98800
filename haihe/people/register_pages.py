"""The page to register, in three steps: who you are, the code, a passcode.

What was typed in earlier steps travels in hidden fields: nothing is stored before the last step has succeeded.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Response, get, post

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.base.throttle import Limits
from haihe.people import errors
from haihe.people.api import host_of
from haihe.people.devices.visits import visit_of
from haihe.people.doors import count_try
from haihe.people.model import Purpose, Registration
from haihe.people.page_parts import NO_PROBLEM, AnyRequest, Problem, place_refusal, welcome
from haihe.people.service import People
from haihe.web.forms import Form, read_form
from haihe.web.guards import own_path
from haihe.web.part import Service
from haihe.web.render import Renderer

Page = Response[Any]
PERSON, CODE, PASSCODE = 0, 1, 2
PASSCODES_DIFFER: Final = N_("The two passcodes are not the same.")
_STEP_OF_FIELD: Final = {"name": PERSON, "id_number": PERSON, "phone": PERSON, "code": CODE, "passcode": PASSCODE}


class RegisterForm(msgspec.Struct, frozen=True):
    """What the page posts at one of its steps; `again` asks for another code, `back` for the first step."""

    step: int = PERSON
    name: str = ""
    id_number: str = ""
    phone: str = ""
    code: str = ""
    passcode: str = ""
    passcode_again: str = ""
    next: str = "/"
    again: str = ""
    back: str = ""

    def as_registration(self, language: str) -> Registration:
        """Give what the service wants to know."""
        return Registration(
            name=self.name,
            id_number=self.id_number,
            phone=self.phone,
            code=self.code,
            passcode=self.passcode,
            language=language,
        )


@get("/register")
async def register_page(request: AnyRequest, renderer: Renderer, lang: str, people: Service[People]) -> Page:
    """Ask who someone is; `?made-up` fills in a made-up person, in a demo only."""
    values = {"next": own_path(request.query_params.get("next")), "phone": request.query_params.get("phone", "")}
    form: Form[RegisterForm] = Form(values)
    problem = NO_PROBLEM
    if "made-up" in request.query_params:
        try:
            if person := await people.made_up_person():
                form = Form({**values, "name": person.name, "id_number": person.id_number, "phone": person.phone})
        except errors.RegistryUnavailable as refusal:
            form, problem = place_refusal(form, refusal, lang)
    return _page(request, renderer, people, form, step=PERSON, problem=problem)


@post("/register")
async def register(
    request: AnyRequest, renderer: Renderer, lang: str, people: Service[People], limits: Service[Limits]
) -> Page:
    """Take one step; the last one registers, signs in and goes on to `next`."""
    form = await read_form(request, RegisterForm)
    typed = form.data or RegisterForm()
    if typed.back:
        return _page(request, renderer, people, form, step=PERSON)
    if typed.step == PASSCODE and typed.passcode != typed.passcode_again:
        differing = form.refused("passcode_again", PASSCODES_DIFFER)
        return _page(request, renderer, people, differing, step=PASSCODE, status_code=422)
    try:
        if typed.step == PASSCODE:
            count_try(limits, "register", host_of(request), typed.phone)
            signed = await people.register(typed.as_registration(lang), visit_of(request))
            return welcome(request, signed, target=own_path(typed.next), clock=people.clock)
        if typed.step == CODE and not typed.again:
            count_try(limits, "sign_in", host_of(request), typed.phone)
            await people.check_code(typed.as_registration(lang))
            return _page(request, renderer, people, form, step=PASSCODE)
        shown = await _ask_code(request, people, limits, typed.as_registration(lang))
    except Refusal as refusal:
        return _refused(request, renderer, people, form, refusal, step=typed.step, lang=lang)
    fresh: Form[RegisterForm] = Form({**form.values, "code": ""})
    return _page(request, renderer, people, fresh, step=CODE, shown=shown)


async def _ask_code(request: AnyRequest, people: People, limits: Limits, form: Registration) -> str:
    """Check who someone says to be and send a code; gives it in a demo."""
    checked, host = await people.check_person(form), host_of(request)
    count_try(limits, "code", host, checked.phone)
    asked = await people.ask_code(
        checked.phone, Purpose.REGISTER, language=form.language, limited=limits.holds_for(host)
    )
    return asked.shown


def _refused(
    request: AnyRequest,
    renderer: Renderer,
    people: People,
    form: Form[Any],
    refusal: Refusal,
    *,
    step: int,
    lang: str,
) -> Page:
    """Show the step at which the refused field stands, else the same step with what hinders it."""
    placed, problem = place_refusal(form, refusal, lang)
    at = CODE if isinstance(refusal, errors.CodeTooSoon) else step
    at = _STEP_OF_FIELD.get(str(refusal.details.get("field", "")), at)
    return _page(request, renderer, people, placed, step=at, problem=problem, status_code=refusal.status)


def _page(
    request: AnyRequest,
    renderer: Renderer,
    people: People,
    form: Form[Any],
    *,
    step: int,
    shown: str = "",
    problem: Problem = NO_PROBLEM,
    status_code: int = 200,
) -> Page:
    context = {"form": form, "step": step, "shown": shown, "problem": problem, "is_demo": people.demo is not None}
    return renderer.page(request, "people/register.html", status_code=status_code, **context)


HANDLERS = (register_page, register)
