"""A paper card as it is printed: the code drawn twice, its digits, whose it is and what it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from haihe.base.i18n import N_, translate
from haihe.payments.paper.model import grouped
from haihe.web import svg

if TYPE_CHECKING:
    from markupsafe import Markup

    from haihe.payments.paper.model import Holding
    from haihe.people.model import Citizen

TITLE: Final = N_("Paper card")
SQUARE: Final = N_("Paper card as a QR code")
BARS: Final = N_("Paper card as a barcode")
HOW: Final = N_("Hold it before the till or the reader in the bus. It pays at most {daily:money} a day.")
LOST: Final = N_("Lost? Have it revoked at a service counter or in the app: from then on it pays nothing.")


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on the paper; `digits` are the code's, `language` that of the texts."""

    digits: str
    square: Markup
    bars: Markup
    title: str
    holder: str
    lines: tuple[str, ...]
    language: str

    @property
    def grouped(self) -> str:
        """The digits in fours."""
        return grouped(self.digits)


def printed(code: str, citizen: Citizen, holding: Holding, lang: str) -> Printed:
    """Draw a card for its holder, with texts in a language."""
    return Printed(
        code,
        square=svg.qr(code, translate(lang, SQUARE)),
        bars=svg.code128(code, translate(lang, BARS)),
        title=translate(lang, TITLE),
        holder=citizen.masked_name,
        lines=(translate(lang, HOW, daily=holding.daily), translate(lang, LOST)),
        language=lang,
    )
