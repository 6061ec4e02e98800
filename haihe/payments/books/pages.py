"""The accountant's pages of the console: books, statements, postings, the trial balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Request, Response, get
from litestar.response import Stream

from haihe.base.clock import CITY_ZONE, service_day
from haihe.base.i18n import N_, translate
from haihe.base.ids import ID_MAX, LEGS_MAX
from haihe.ledger.model import AccountKind, SystemAccount, TransferKind
from haihe.ledger.service import bucket_count
from haihe.ledger.statements.model import StatementPage, Turn
from haihe.ledger.statements.postings import ReadPosting, read_posting
from haihe.ledger.statements.service import Statements
from haihe.organisations.console import ConsolePage, may
from haihe.organisations.model import Right
from haihe.payments import store
from haihe.payments.books import files
from haihe.payments.books.accounts import TILL, OpenBook, insist_city, is_city, open_book, open_books
from haihe.payments.books.asking import Asked, read_asked, read_moment
from haihe.payments.books.showing import PAPER_LINES, paper, rows, titles
from haihe.payments.books.words import KINDS, TRANSFERS, Reader
from haihe.payments.service import Payments
from haihe.web.forms import Form
from haihe.web.guards import Staff
from haihe.web.part import Service
from haihe.web.problem import NotFound
from haihe.web.render import Renderer

PATH: Final = "/console/books"
PAGE: Final = ConsolePage(
    PATH,
    N_("Books"),
    N_("Every line of the accounts, balances at any time, and files of them"),
    "book-open-text",
    Right.SEE_MONEY,
)
SIGHT: Final = [may(Right.SEE_MONEY)]

AnyRequest = Request[Any, Any, Any]


@get(PATH, guards=SIGHT)
async def books_page(
    request: AnyRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    payments: Service[Payments],
    statements: Service[Statements],
) -> Response[str]:
    """List the books that somebody may open, with their balances as of a moment, else of now. Raises `FilterInvalid`."""
    now = statements.clock.now()
    asked = request.query_params.get("at", "").strip()
    at = read_moment(asked, now=_beyond(now))
    groups: dict[str, list[tuple[OpenBook, int]]] = {}
    for one in open_books(staff, payments, lang):
        groups.setdefault(one.group, []).append((one, (await statements.sums(one.book, at)).balance))
    shown = at if asked else now
    return renderer.page(
        request,
        "books/index.html",
        groups=groups,
        at=shown,
        typed=_typed(shown),
        of_city=is_city(staff, payments),
        path_of_books=PATH,
    )


def _typed(at: datetime) -> str:
    """Write a moment as the field of a form has it."""
    return at.astimezone(CITY_ZONE).strftime("%Y-%m-%dT%H:%M:%S")


def _beyond(now: datetime) -> datetime:
    """Give a moment that everything up to now was posted before, whatever the clocks of other processes say."""
    return now + timedelta(hours=1)


@get(PATH + "/accounts/{name:str}", guards=SIGHT)
async def statement_page(
    request: AnyRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    payments: Service[Payments],
    statements: Service[Statements],
    name: str,
) -> Response[str]:
    """Show a page of a book, newest line first. Raises `NotFound`, `FilterInvalid`, `TurnInvalid`."""
    opened = open_book(name, staff, payments, lang)
    asked = read_asked(request.query_params, today=service_day(statements.clock.now()))
    page = await statements.page(opened.book, asked.period, asked.wanted, turn=asked.turn)
    address = f"{PATH}/accounts/{name}"
    return renderer.page(
        request,
        "books/statement.html",
        opened=opened,
        asked=asked,
        form=Form(dict(asked.fields)),
        page=page,
        rows=rows(page),
        titles=await _titles(opened, page, payments, lang),
        reader=Reader(lang, payments),
        address=address,
        older=_link(address, asked, page.older),
        newer=_link(address, asked, page.newer),
        choices=choices(),
        now=statements.clock.now(),
    )


async def _titles(opened: OpenBook, page: StatementPage, payments: Payments, lang: str) -> dict[int, str]:
    """Tell what payments were for to who was paid; what people buy of others is nobody's business."""
    return await titles(payments, page.lines, lang) if opened.name == TILL else {}


def _link(address: str, asked: Asked, turn: Turn | None) -> str:
    return f"{address}?{asked.query(turn)}" if turn else ""


def choices() -> Mapping[str, Sequence[tuple[str, str]]]:
    """Give what the filter's lists offer, as msgids by value."""
    return {
        "kind": [("", N_("All"))] + [(kind.name.lower(), TRANSFERS[kind]) for kind in TransferKind],
        "direction": [("", N_("Both")), ("credit", N_("Credit (in)")), ("debit", N_("Debit (out)"))],
        "counterparty": [("", N_("All"))] + [(kind.name.lower(), KINDS[kind]) for kind in AccountKind],
    }


@get(PATH + "/accounts/{name:str}/statement.csv", guards=SIGHT)
async def statement_csv(
    request: AnyRequest,
    staff: Staff,
    lang: str,
    payments: Service[Payments],
    statements: Service[Statements],
    name: str,
) -> Stream:
    """Give a period of a book as a file. Raises `NotFound`, `FilterInvalid`."""
    opened = open_book(name, staff, payments, lang)
    asked = read_asked(request.query_params, today=service_day(statements.clock.now()))
    page = await statements.page(opened.book, asked.period, limit=1)
    written = files.statement_file(statements, opened.book, asked.period, page, Reader(lang, payments))
    name_of_file = f"haihe-{name}-{asked.first_day}-{asked.last_day}.csv"
    return Stream(written, media_type=files.MEDIA_TYPE, headers=files.attached(name_of_file))


@get(PATH + "/accounts/{name:str}/print", guards=SIGHT)
async def statement_paper(
    request: AnyRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    payments: Service[Payments],
    statements: Service[Statements],
    name: str,
) -> Response[str]:
    """Show a period of a book as it is printed, oldest line first."""
    opened = open_book(name, staff, payments, lang)
    asked = read_asked(request.query_params, today=service_day(statements.clock.now()))
    page = await statements.page(opened.book, asked.period, asked.wanted, limit=PAPER_LINES)
    return renderer.page(
        request,
        "books/paper.html",
        layout="web/console.html",
        is_phone=False,
        holder=payments.organisations.by_id(staff.organisation).name(lang),
        title_of_account=opened.title,
        **paper(asked, page, Reader(lang, payments)),
        titles=await _titles(opened, page, payments, lang),
        back=f"{PATH}/accounts/{name}?{asked.query()}",
        file=f"{PATH}/accounts/{name}/statement.csv?{asked.query()}",
        now=statements.clock.now(),
    )


@get(PATH + "/postings/{posting:int}", guards=SIGHT)
async def posting_page(
    request: AnyRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    payments: Service[Payments],
    statements: Service[Statements],
    posting: int,
) -> Response[str]:
    """Open a posting of one of the own accounts. Raises `NotFound`, also for postings of others."""
    found = await _found(staff, payments, posting, lang)
    return renderer.page(
        request,
        "books/posting.html",
        posting=found,
        told=await _title(payments, found, lang) if found.touches(staff.organisation) else "",
        reader=Reader(lang, payments),
        now=statements.clock.now(),
    )


async def _title(payments: Payments, found: ReadPosting, lang: str) -> str:
    """Tell what a posting's payment was for, "" if it was none."""
    async with payments.database.connection() as connection:
        known = await store.by_ids(connection, found.bucket, [found.payment])
        told = await payments.describe(connection, list(known.values()), lang)
    return told[found.payment].title if found.payment in told else ""


async def _found(staff: Staff, payments: Payments, identity: int, lang: str) -> ReadPosting:
    """Find a posting in whatever bucket it is in, if somebody may see one of its accounts: the own ones, or the city's."""
    if not 0 < identity <= ID_MAX:
        raise NotFound
    own = {one.book.account for one in open_books(staff, payments, lang)}
    of_city = is_city(staff, payments)
    async with payments.database.connection() as connection:
        for bucket in range(await bucket_count(connection)):
            found = await read_posting(connection, bucket, identity - identity % LEGS_MAX)
            if found and (of_city or any(found.touches(account) for account in own)):
                return found
    raise NotFound


@get(PATH + "/trial", guards=SIGHT)
async def trial_page(
    request: AnyRequest,
    renderer: Renderer,
    staff: Staff,
    lang: str,
    payments: Service[Payments],
    statements: Service[Statements],
) -> Response[str]:
    """Show the city's trial balance as of a moment. Raises `NotAllowed`, `FilterInvalid`."""
    insist_city(staff, payments)
    now = statements.clock.now()
    asked = request.query_params.get("at", "").strip()
    at = read_moment(asked, now=_beyond(now))
    trial = await statements.trial_balance(at)
    shown = at if asked else now
    return renderer.page(
        request,
        "books/trial.html",
        trial=trial,
        reader=Reader(lang, payments),
        at=shown,
        typed=_typed(shown),
        asked=asked,
        holder=payments.organisations.by_id(staff.organisation).name(lang),
        heads=[(translate(lang, N_("Bucket {number}"), number=bucket), "n") for bucket in trial.buckets],
        books={kind: PATH + "/accounts/" + _name(kind) for kind in AccountKind if _name(kind)},
        now=now,
    )


def _name(kind: AccountKind) -> str:
    """Give the name of the one book that all of a kind stand in, "" where there are several."""
    if kind in {AccountKind.WALLET, AccountKind.PURSE}:
        return f"all-{kind.name.lower()}s"
    is_system = kind.name in SystemAccount.__members__ and kind is not AccountKind.CITY_FUNDS
    return kind.name.lower().replace("_", "-") if is_system else ""


@get(PATH + "/trial.csv", guards=SIGHT)
async def trial_csv(
    request: AnyRequest, staff: Staff, lang: str, payments: Service[Payments], statements: Service[Statements]
) -> Response[str]:
    """Give the trial balance as a file. Raises `NotAllowed`, `FilterInvalid`."""
    insist_city(staff, payments)
    at = read_moment(request.query_params.get("at", ""), now=_beyond(statements.clock.now()))
    trial = await statements.trial_balance(at)
    shown = min(at, statements.clock.now()).astimezone(CITY_ZONE)
    return Response(
        files.trial_file(trial, Reader(lang, payments)),
        media_type=files.MEDIA_TYPE,
        headers=files.attached(f"haihe-trial-balance-{shown:%Y%m%d-%H%M%S}.csv"),
    )


HANDLERS: Final = (
    books_page,
    statement_page,
    statement_csv,
    statement_paper,
    posting_page,
    trial_page,
    trial_csv,
)
