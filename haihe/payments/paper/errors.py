"""Why a paper card is refused. Nothing was paid or changed."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class PaperCardMistyped(Refusal):
    """The digits do not fit one another: one was misread."""

    code = "paper_card_mistyped"
    status = 422
    text = N_("The digits of this paper card do not fit one another. Please scan it again.")


class PaperCardUnknown(Refusal):
    """Nobody in this city has this card."""

    code = "paper_card_unknown"
    status = 404
    text = N_("This paper card is not known.")


class PaperCardRevoked(Refusal):
    """The card was revoked, or replaced by another."""

    code = "paper_card_revoked"
    status = 410
    text = N_("This paper card is no longer in use. Nothing was paid.")


class NoPaperCard(Refusal):
    """There is no living card to print, revoke or cap."""

    code = "no_paper_card"
    status = 404
    text = N_("There is no paper card in use.")


class DailyCapInvalid(Refusal):
    """A daily cap outside what the law allows for static codes."""

    code = "daily_cap_invalid"
    status = 422
    text = N_("A paper card may pay between {min:money} and {max:money} a day.")
