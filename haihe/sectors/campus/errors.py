"""Why somebody is not served on a campus. They are read by the payer and at the till, so they speak of the card."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class CardMissing(Refusal):
    """Only members are served, and the payer has no campus card at all."""

    code = "card_missing"
    status = 403
    text = N_("This is for members of the university only, and there is no campus card. Nothing was paid.")


class CardForeign(Refusal):
    """Only members are served, and the payer's card is of another university."""

    code = "card_foreign"
    status = 403
    text = N_(
        "This is for members of the university only, and the campus card is of another university. Nothing was paid."
    )


class CardEnded(Refusal):
    """The payer's card of this university is blocked, or its last day has passed."""

    code = "card_ended"
    status = 403
    text = N_("The campus card is blocked or no longer valid. Nothing was paid.")
