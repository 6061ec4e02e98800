"""How requests with passkeys are refused."""

from __future__ import annotations

from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class PasskeyPlace(Refusal):
    """At this address no browser offers passkeys; `address` is one where it does, "" if there is none."""

    code = "passkey_place"
    status = 409
    text = N_("Passkeys do not work at this address: it needs a name and https, or localhost on this machine.")


class PasskeyInvalid(Refusal):
    """What the browser sent is no answer of a passkey, was not signed by it, or its user was not verified."""

    code = "passkey_invalid"
    status = 422
    text = N_("The passkey could not be checked. Please try again.")


class PasskeyExpired(Refusal):
    """The question is too old, was asked for something else, or was not asked by this city."""

    code = "passkey_expired"
    status = 422
    text = N_("The page was open for too long. Please try again with the passkey.")


class PasskeyReplayed(Refusal):
    """The same answer came a second time."""

    code = "passkey_replayed"
    status = 422
    text = N_("This answer of the passkey was used already. Please try again.")


class PasskeyElsewhere(Refusal):
    """The answer was given to another site."""

    code = "passkey_elsewhere"
    status = 422
    text = N_("The passkey was used on another site, not here. If you did not do this yourself, be careful there.")


class PasskeyCopied(Refusal):
    """The passkey counts backwards: somebody may have made a copy of it."""

    code = "passkey_copied"
    status = 422
    text = N_("This passkey may have been copied. Please remove it and add a new one.")


class PasskeyUnknown(Refusal):
    """There is no such passkey, or it is someone else's."""

    code = "passkey_unknown"
    status = 404
    text = N_("This passkey is not known here. It may have been removed.")


class PasskeyTaken(Refusal):
    """The same passkey is registered already."""

    code = "passkey_taken"
    status = 409
    text = N_("This passkey is registered already.")


class PasskeysTooMany(Refusal):
    """There are enough."""

    code = "passkeys_too_many"
    status = 409
    text = N_("You have too many passkeys. Please remove one that you no longer need.")


class PasskeyNameInvalid(Refusal):
    """A name that is empty or too long."""

    code = "passkey_name_invalid"
    status = 422
    text = N_("Please give the passkey a name of 1 to 60 letters.")


ANSWER_REFUSALS: Final = (
    PasskeyInvalid,
    PasskeyExpired,
    PasskeyReplayed,
    PasskeyElsewhere,
    PasskeyCopied,
    PasskeyUnknown,
)
"""Why an answer is not taken; the person may give another."""
