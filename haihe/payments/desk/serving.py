"""What a clerk may do in a visit, by the word that the page's form posts; each gives the address to go on to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.base.money import NotMoneyError, fen_of_yuan
from haihe.payments.desk.cash import amount_invalid
from haihe.payments.desk.deeds import deed_of
from haihe.payments.desk.model import Served
from haihe.payments.desk.service import Desk, insist_on_proof
from haihe.payments.paper.model import Issuer
from haihe.payments.paper.pages import read_daily
from haihe.web.guards import Staff

PATH: Final = "/console/service"


class PasscodesDiffer(Refusal):
    """What was typed twice is not the same."""

    code = "passcodes_differ"
    status = 422
    text = N_("The two entries differ.")


class ServeForm(msgspec.Struct, frozen=True):
    """What a visit's page posts: `do` names it; amounts in yuan, `key` makes that pressing twice is once."""

    do: str = ""
    id_number: str = ""
    compared: bool = False
    code: str = ""
    amount: str = ""
    key: str = ""
    daily: str = ""
    passcode: str = ""
    passcode_again: str = ""


@dataclass(frozen=True)
class Serving:
    """A clerk with a person, and the counter's services."""

    staff: Staff
    served: Served
    desk: Desk

    @property
    def path(self) -> str:
        """The address of the visit's page."""
        return f"{PATH}/visits/{self.served.visit.id}"

    @property
    def issuer(self) -> Issuer:
        """The clerk as the one who issues and revokes."""
        return Issuer(self.staff.person, self.staff.organisation)

    def done(self, word: str) -> str:
        """Give the address that says what was done."""
        return f"{self.path}?done={word}"


async def _see_card(serving: Serving, form: ServeForm) -> str:
    await serving.desk.prove_by_card(serving.staff, serving.served, id_number=form.id_number, compared=form.compared)
    return serving.path


async def _read_code(serving: Serving, form: ServeForm) -> str:
    await serving.desk.prove_by_code(serving.staff, serving.served, form.code)
    return serving.path


async def _take_cash(serving: Serving, form: ServeForm) -> str:
    amount = read_amount(form.amount)
    taken = await serving.desk.cash.take(serving.staff, serving.served.visit, amount=amount, key=form.key)
    return f"{PATH}/cash/{taken.id}"


async def _issue_card(serving: Serving, form: ServeForm) -> str:
    visit = serving.served.visit
    async with serving.desk.papers.audit.attempt(deed_of(serving.staff, "paper_card_issued", visit.citizen)):
        insist_on_proof(visit)
        daily = read_daily(form.daily)
    await serving.desk.papers.issue(visit.citizen, visit.bucket, by=serving.issuer, daily=daily)
    return f"{serving.path}/paper-card"


async def _cap_card(serving: Serving, form: ServeForm) -> str:
    visit = serving.served.visit
    async with serving.desk.papers.audit.attempt(deed_of(serving.staff, "paper_card_capped", visit.citizen)):
        insist_on_proof(visit)
        daily = read_daily(form.daily)
    await serving.desk.papers.set_daily(visit.citizen, visit.bucket, by=serving.issuer, daily=daily)
    return serving.done("daily")


async def _revoke_card(serving: Serving, _: ServeForm) -> str:
    visit = serving.served.visit
    async with serving.desk.papers.audit.attempt(deed_of(serving.staff, "paper_card_revoked", visit.citizen)):
        insist_on_proof(visit)
    await serving.desk.papers.revoke(visit.citizen, visit.bucket, by=serving.issuer)
    return serving.done("revoke")


async def _set_passcode(serving: Serving, form: ServeForm) -> str:
    if form.passcode != form.passcode_again:
        raise PasscodesDiffer(field="passcode_again")
    await serving.desk.set_passcode(serving.staff, serving.served, form.passcode)
    return serving.done("passcode")


async def _check_identity(serving: Serving, _: ServeForm) -> str:
    await serving.desk.check_identity(serving.staff, serving.served)
    return serving.done("identity")


async def _freeze(serving: Serving, _: ServeForm) -> str:
    await serving.desk.freeze(serving.staff, serving.served)
    return serving.done("freeze")


async def _release(serving: Serving, _: ServeForm) -> str:
    await serving.desk.release(serving.staff, serving.served)
    return serving.done("release")


def read_amount(text: str) -> int:
    """Read an amount of cash typed in yuan, as fen. Raises `CashAmountInvalid`."""
    try:
        return fen_of_yuan(text)
    except NotMoneyError as error:
        raise amount_invalid() from error


ACTIONS: Final[Mapping[str, Callable[[Serving, ServeForm], Awaitable[str]]]] = {
    "card": _see_card,
    "code": _read_code,
    "take": _take_cash,
    "issue": _issue_card,
    "daily": _cap_card,
    "revoke": _revoke_card,
    "passcode": _set_passcode,
    "identity": _check_identity,
    "freeze": _freeze,
    "release": _release,
}
"""Everything that the page's buttons do, apart from those that only show something."""
