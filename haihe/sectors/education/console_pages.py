"""A school's pages of the console: write a fee notice to a class, see who has paid, withdraw what is open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from haihe.base.clock import service_day
from haihe.base.i18n import LANGUAGES, N_
from haihe.base.ids import ID_MAX
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.organisations.console import require
from haihe.organisations.model import Right, name_in
from haihe.organisations.service import Organisations
from haihe.payments.dues.model import DueStatus
from haihe.payments.pages import AMOUNT_WRONG, new_key
from haihe.sectors.education.errors import NoticeUnknown
from haihe.sectors.education.model import SCHOOL, NewNotice
from haihe.sectors.education.service import Schools
from haihe.web.forms import Form, read_form, says
from haihe.web.guards import Staff
from haihe.web.language import language_of
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer

START: Final = "/console/school"
TITLE_CHARACTERS_MAX: Final = 60
DUE_DAYS: Final = 14
"""How far ahead a new form's date is."""
DUE_DAYS_MAX: Final = 366

ConsoleRequest = Request[Any, Any, Any]
_Title = Annotated[str, says(N_("That is too long"), max_length=TITLE_CHARACTERS_MAX)]

STATUS_NAMES: Final[Mapping[DueStatus, str]] = {
    DueStatus.OPEN: N_("Open"),
    DueStatus.PAID: N_("Paid"),
    DueStatus.WITHDRAWN: N_("Withdrawn"),
}


class NoticeForm(msgspec.Struct, frozen=True):
    """A notice as it is written: the form's key made with the page, the class, titles by language, yuan, a day."""

    form_key: Annotated[str, says(N_("Please reload this page"), max_length=200)]
    school_class: Annotated[int, says(N_("Please choose a class"), gt=0, le=ID_MAX)]
    amount: str
    due_on: Annotated[date, says(N_("Please choose a day"))]
    title_zh: _Title = ""
    title_en: _Title = ""
    title_ru: _Title = ""


def at_school(staff: Staff, organisations: Organisations) -> None:
    """Insist that someone who may see money works for a school."""
    require(staff, Right.SEE_MONEY)
    if organisations.by_id(staff.organisation).kind != SCHOOL:
        raise NotFound


@get(START)
async def school_page(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    organisations: Service[Organisations],
    schools: Service[Schools],
) -> Response[str]:
    """Show a school's notices, and the form for a new one."""
    at_school(staff, organisations)
    due_on = _today(schools) + timedelta(days=DUE_DAYS)
    form = Form[NoticeForm]({"form_key": new_key(), "due_on": due_on.isoformat()})
    return await _school(request, renderer, staff, schools, form)


@post(f"{START}/notices")
async def issue_notice(
    request: ConsoleRequest,
    renderer: Renderer,
    staff: Staff,
    organisations: Service[Organisations],
    schools: Service[Schools],
) -> Response[Any]:
    """Issue a notice to a class. Raises `ClassUnknown`, `ClassEmpty`."""
    at_school(staff, organisations)
    form, notice = read_notice(await read_form(request, NoticeForm), today=_today(schools))
    if notice is None:
        again = Form[NoticeForm]({**form.values, "form_key": form.values.get("form_key") or new_key()}, form.errors)
        return await _school(request, renderer, staff, schools, again)
    identity = await schools.issue(staff.organisation, notice, issuer=staff.person)
    return Redirect(f"{START}/notices/{identity}", status_code=303)


def read_notice(form: Form[NoticeForm], *, today: date) -> tuple[Form[NoticeForm], NewNotice | None]:
    """Read a notice, or say at each field what is wrong with it."""
    data, amount = form.data, 0
    if typed := form.values.get("amount", ""):
        try:
            amount = fen_of_yuan(typed)
        except NotMoneyError:
            form = form.refused("amount", AMOUNT_WRONG)
    titles = {language: form.values.get(f"title_{language}", "") for language in LANGUAGES}
    if not any(titles.values()):
        form = form.refused("title_zh", N_("A title in at least one language, please"))
    if data and not today <= data.due_on <= today + timedelta(days=DUE_DAYS_MAX):
        form = form.refused("due_on", N_("A day from today on, within a year"))
    if data is None or form.errors:
        return form, None
    return form, NewNotice(
        school_class=data.school_class,
        titles={language: title for language, title in titles.items() if title},
        amount=amount,
        due_on=data.due_on,
        form_key=data.form_key,
    )


async def _school(
    request: ConsoleRequest, renderer: Renderer, staff: Staff, schools: Schools, form: Form[NoticeForm]
) -> Response[str]:
    return renderer.page(
        request,
        "school/school.html",
        status_code=422 if form.errors else 200,
        form=form,
        classes=[(one.id, f"{one.name} ({one.pupils})") for one in await schools.classes(staff.organisation)],
        title_of=partial(_title, language_of(request)),
        standings=await schools.standings(staff.organisation),
        today=_today(schools),
    )


@get(f"{START}/notices/{{notice:int}}")
async def notice_page(
    request: ConsoleRequest,
    renderer: Renderer,
    lang: str,
    staff: Staff,
    organisations: Service[Organisations],
    schools: Service[Schools],
    notice: int,
) -> Response[str]:
    """Show a notice with its pupils: who has not paid first."""
    at_school(staff, organisations)
    standing, pupils = await schools.notice(staff.organisation, _id(notice))
    await schools.note_read(staff, notice)
    return renderer.page(
        request,
        "school/notice.html",
        standing=standing,
        title=_title(lang, standing.notice.titles),
        pupils=pupils,
        states=STATUS_NAMES,
    )


@post(f"{START}/notices/{{notice:int}}/withdraw")
async def withdraw_notice(
    staff: Staff, organisations: Service[Organisations], schools: Service[Schools], notice: int
) -> Redirect:
    """Withdraw what is open of a notice; who has paid has paid."""
    at_school(staff, organisations)
    await schools.withdraw(staff.organisation, _id(notice))
    return Redirect(f"{START}/notices/{notice}", status_code=303)


def _title(lang: str, titles: Mapping[str, str]) -> str:
    return name_in(titles, lang)


def _today(schools: Schools) -> date:
    return service_day(schools.clock.now())


def _id(number: int) -> int:
    if not 0 < number <= ID_MAX:
        raise NoticeUnknown
    return number


HANDLERS: Final = (school_page, issue_notice, notice_page, withdraw_notice)
