"""Why something that needs two people is not decided. Nothing was changed."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class ApprovalUnknown(Refusal):
    """No such request of this organisation."""

    code = "approval_unknown"
    status = 404
    text = N_("There is no such request in your organisation.")


class OwnApproval(Refusal):
    """Whoever asked cannot decide."""

    code = "own_approval"
    status = 403
    text = N_("You asked for it yourself: a second person has to decide.")


class NotYours(Refusal):
    """Only who asked can withdraw."""

    code = "not_your_request"
    status = 403
    text = N_("Only the one who asked can withdraw it.")


class ApprovalDecided(Refusal):
    """It was decided, withdrawn, or is too old."""

    code = "approval_decided"
    status = 409
    text = N_("This was decided, withdrawn or has expired. Nothing was changed by it now.")


class ApprovalChanged(Refusal):
    """What was looked at is not what is stored."""

    code = "approval_changed"
    status = 409
    text = N_("This is not what you looked at. Please look again.")


class AskerGone(Refusal):
    """Who asked may not ask for it any more."""

    code = "asker_gone"
    status = 409
    text = N_("Who asked for it may not do so any more. Please refuse it.")
