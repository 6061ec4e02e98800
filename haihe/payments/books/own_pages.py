"""A citizen's own statement: of the wallet or a purse, over a period, on the screen, on paper and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from litestar import Request, Response, get
from litestar.response import Stream

from haihe.base.clock import service_day
from haihe.base.database import Connection
from haihe.base.i18n import N_, translate
from haihe.ledger.statements.model import Walk
from haihe.ledger.statements.postings import ReadPosting, read_posting
from haihe.ledger.statements.service import Statements
from haihe.organisations.model import name_in
from haihe.payments.books import files
from haihe.payments.books.asking import FilterInvalid, of_month, read_asked
from haihe.payments.books.monthly import month_before
from haihe.payments.books.showing import PAPER_LINES, paper, titles
from haihe.payments.books.words import Reader
from haihe.payments.service import Payments
from haihe.people.service import People
from haihe.wallet.purses import store as purse_store
from haihe.web.guards import Viewer
from haihe.web.part import Service
from haihe.web.render import Renderer

PATH: Final = "/history/statement"
WALLET: Final = "wallet"
MONTHS_OFFERED: Final = 6

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account of a citizen's own; `name` stands in addresses, `title` is translated."""

    name: str
    title: str
    walk: Walk


async def own_accounts(connection: Connection, viewer: Viewer, payments: Payments, lang: str) -> Sequence[OwnAccount]:
    """Give the wallet and the purses of a citizen."""
    wallet = OwnAccount(WALLET, translate(lang, N_("Your wallet")), Walk(viewer.person, viewer.bucket))
    purses = await purse_store.purses_of(connection, viewer.bucket, [viewer.person], payments.clock.now())
    schemes = payments.purses.directory.schemes
    return [
        wallet,
        *(
            OwnAccount(
                f"purse-{purse.scheme}",
                name_in(schemes[purse.scheme].names, lang),
                Walk(purse.account, viewer.bucket),
            )
            for purse in purses
            if purse.scheme in schemes
        ),
    ]


async def own_reader(connection: Connection, viewer: Viewer, payments: Payments, lang: str) -> Reader:
    """Give words in which a citizen's own accounts have their names."""
    own = await own_accounts(connection, viewer, payments, lang)
    return Reader(lang, payments, {one.walk.account: one.title for one in own})


@dataclass(frozen=True)
class OwnPostings:
    """Reads the postings behind a citizen's receipts."""

    payments: Payments

    async def read(self, viewer: Viewer, posting: int, lang: str) -> tuple[ReadPosting | None, Reader]:
        """Read a posting for the citizen whose payment it is, with the words for it."""
        async with self.payments.database.connection() as connection:
            found = await read_posting(connection, viewer.bucket, posting)
            return found, await own_reader(connection, viewer, self.payments, lang)


async def _chosen(
    request: AnyRequest, viewer: Viewer, payments: Payments, lang: str
) -> tuple[OwnAccount, Sequence[OwnAccount], Mapping[int, str]]:
    """Say which of the own accounts is asked for. Raises `FilterInvalid`."""
    async with payments.database.connection() as connection:
        own = await own_accounts(connection, viewer, payments, lang)
    name = request.query_params.get("account", "") or WALLET
    chosen = next((one for one in own if one.name == name), None)
    if chosen is None:
        raise FilterInvalid(field="account")
    return chosen, own, {one.walk.account: one.title for one in own}


def months_before(today: date) -> list[date]:
    """Give the first days of this month and of those before it, the newest first: what the page offers."""
    months = [today.replace(day=1)]
    while len(months) < MONTHS_OFFERED:
        months.append(month_before(months[-1]))
    return months


@get(PATH)
async def own_statement(
    request: AnyRequest,
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    payments: Service[Payments],
    people: Service[People],
    statements: Service[Statements],
) -> Response[str]:
    """Show, and print, the statement of a period, oldest line first. Raises `FilterInvalid`, `StatementTooLong`."""
    chosen, own, names = await _chosen(request, viewer, payments, lang)
    today = service_day(statements.clock.now())
    asked = read_asked(of_month(request.query_params), today=today)
    page = await statements.page(chosen.walk, asked.period, asked.wanted, limit=PAPER_LINES)
    return renderer.page(
        request,
        "books/own.html",
        holder=(await people.citizen(viewer.person)).name,
        title_of_account=chosen.title,
        accounts=[(one.name, one.title) for one in own],
        chosen=chosen.name,
        months=months_before(today),
        is_phone=True,
        **paper(asked, page, Reader(lang, payments, names)),
        titles=await titles(payments, page.lines, lang),
        file=f"{PATH}.csv?account={chosen.name}&{asked.query()}",
        now=statements.clock.now(),
    )


@get(PATH + ".csv")
async def own_statement_csv(
    request: AnyRequest, lang: str, viewer: Viewer, payments: Service[Payments], statements: Service[Statements]
) -> Stream:
    """Give the statement of a period as a file. Raises `FilterInvalid`, `StatementTooLong`."""
    chosen, _, names = await _chosen(request, viewer, payments, lang)
    asked = read_asked(of_month(request.query_params), today=service_day(statements.clock.now()))
    page = await statements.page(chosen.walk, asked.period, limit=1)
    written = files.statement_file(statements, chosen.walk, asked.period, page, Reader(lang, payments, names))
    name = f"haihe-{chosen.name}-{asked.first_day}-{asked.last_day}.csv"
    return Stream(written, media_type=files.MEDIA_TYPE, headers=files.attached(name))


HANDLERS: Final = (own_statement, own_statement_csv)
