"""How sending is refused, in the order in which it is checked; `field` names the field of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.ledger.model import Result


class SendingKeyReused(Refusal):
    """The key was used for another transfer."""

    code = "key_reused"
    status = 422
    text = N_("This key was already used for another transfer.")


class RecipientUnknown(Refusal):
    """Nobody has this phone number, or who has it can receive nothing: which of the two is not told."""

    code = "recipient_unknown"
    status = 404
    text = N_("Nobody with this phone number can receive money here. Please check it.")


class RecipientIsSelf(Refusal):
    """The sender's own phone number."""

    code = "recipient_self"
    status = 422
    text = N_("This is your own number.")


class RecipientChanged(Refusal):
    """The number belongs to somebody else than the sender has confirmed."""

    code = "recipient_changed"
    status = 409
    text = N_("This number belongs to somebody else now. Please check the name.")


class SendingAmountInvalid(Refusal):
    """Less than a fen, not in whole fen, or too much; amounts in fen."""

    code = "amount_invalid"
    status = 422
    text = N_("You can send between {min:money} and {max:money}, with two decimals at most.")


class NoteTooLong(Refusal):
    """More characters than a note may have."""

    code = "note_too_long"
    status = 422
    text = N_("A note has {characters} characters at most.")


class SenderFrozen(Refusal):
    """The sender's wallet is frozen."""

    code = "account_frozen"
    status = 403
    text = N_("Your wallet is frozen. Nothing was sent.")


class SenderClosed(Refusal):
    """The sender's wallet is closed."""

    code = "account_closed"
    status = 403
    text = N_("Your wallet is closed. Nothing was sent.")


class MoneyInsufficient(Refusal):
    """The sender's money does not suffice; details: the balance."""

    code = "insufficient_funds"
    status = 402
    text = N_("There is not enough money in your wallet. Nothing was sent.")


class SendingLimitReached(Refusal):
    """A limit of the law or of the sender was reached."""

    code = "limit_reached"
    status = 403
    text = N_("Your limit is reached. Nothing was sent.")


class SendingNotConfirmed(Refusal):
    """A limit of the day is reached; with the passcode or a passkey the rest of it is free."""

    code = "confirmation_needed"
    status = 403
    title = N_("Please confirm")
    text = N_("You have paid a lot without confirmation today. Please confirm this transfer; nothing was sent yet.")


class RecipientUnavailable(Refusal):
    """The recipient's wallet was frozen or closed in the very moment."""

    code = "payee_unavailable"
    status = 409
    text = N_("This person cannot receive money at the moment. Nothing was sent.")


class TransferUnknown(Refusal):
    """No such transfer of this citizen."""

    code = "transfer_unknown"
    status = 404
    text = N_("There is no such transfer.")


REFUSAL_OF_RESULT: Final[Mapping[Result, type[Refusal]]] = {
    Result.ACCOUNT_FROZEN: SenderFrozen,
    Result.ACCOUNT_CLOSED: SenderClosed,
    Result.UNKNOWN_ACCOUNT: SenderClosed,
    Result.INSUFFICIENT_FUNDS: MoneyInsufficient,
    Result.LIMIT_EXCEEDED: SendingLimitReached,
    Result.PAYEE_UNKNOWN: RecipientUnavailable,
    Result.PAYEE_FROZEN: RecipientUnavailable,
    Result.PAYEE_CLOSED: RecipientUnavailable,
}
"""What the ledger refused: remembered under the key. All other refusals leave the key free."""
