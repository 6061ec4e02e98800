"""The posting behind money that one citizen sent another, for either of the two: as an accountant reads it."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get

from haihe.payments.books.own_pages import OwnPostings
from haihe.wallet.rules import read_id
from haihe.wallet.sending.errors import TransferUnknown
from haihe.wallet.sending.service import Sendings
from haihe.web.guards import Viewer
from haihe.web.part import Part, Service
from haihe.web.render import Renderer


@get("/transfers/{transfer_id:str}/postings")
async def transfer_postings(
    request: Request[Any, Any, Any],
    renderer: Renderer,
    lang: str,
    viewer: Viewer,
    postings: Service[OwnPostings],
    sendings: Service[Sendings],
    transfer_id: str,
) -> Response[str]:
    """Show the posting in the viewer's own bucket. Raises `TransferUnknown`."""
    found = await sendings.transfer(read_id(transfer_id) or 0, citizen=viewer.person, bucket=viewer.bucket)
    posting, reader = await postings.read(viewer, found.id, lang)
    if posting is None:
        raise TransferUnknown
    return renderer.page(request, "books/transfer.html", posting=posting, reader=reader)


HANDLERS: Final = (transfer_postings,)


def part() -> Part:
    """Give the page; its templates come with the books, its services with payments and sending."""
    return Part("transfer_postings", handlers=HANDLERS)
