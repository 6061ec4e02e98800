"""Fees in words: a due's body, and how it is told to parents."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from haihe.base.i18n import N_, long_day, translate
from haihe.base.vault import mask_name
from haihe.organisations.model import name_in
from haihe.organisations.service import Organisations
from haihe.payments.dues.model import Due
from haihe.payments.model import Description
from haihe.sectors.education.model import ICON, NewNotice, Pupil


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a fee's due says: the notice's titles by language, the pupil's name masked, number and class."""

    titles: dict[str, str]
    pupil: str
    number: str
    class_name: str


def write_body(notice: NewNotice, pupil: Pupil) -> Mapping[str, object]:
    """Write a due's body; receipts are kept for long, so the name stands masked in it."""
    body = Body(
        titles=dict(notice.titles),
        pupil=mask_name(pupil.name),
        number=pupil.number,
        class_name=pupil.class_name,
    )
    written: dict[str, object] = msgspec.to_builtins(body)
    return written


def read_body(due: Due) -> Body:
    """Read a due's body."""
    return msgspec.convert(due.body, Body)


def teller(organisations: Organisations) -> Callable[[Due, str], Description]:
    """Give what tells a fee: what for, which child, at which school."""

    def tell(due: Due, lang: str) -> Description:
        body = read_body(due)
        details = (
            (translate(lang, N_("Child")), f"{body.pupil} · {body.number}"),
            (translate(lang, N_("Class")), body.class_name),
            (translate(lang, N_("School")), organisations.by_id(due.organisation).name(lang)),
            (translate(lang, N_("Pay until")), long_day(due.due_on, lang)),
        )
        return Description(name_in(body.titles, lang), ICON, details)

    return tell
