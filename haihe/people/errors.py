"""How people's requests are refused; `field` in the details names the field of a form that is to be corrected."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class NameInvalid(Refusal):
    """Not a name: 2 to 40 letters."""

    code = "name_invalid"
    status = 422
    text = N_("Please write your name as in your ID card, 2 to 40 letters.")


class IdNumberInvalid(Refusal):
    """Not an ID number; `reason` tells why: length, characters, region, impossible_date, future, check_digit."""

    code = "id_number_invalid"
    status = 422
    text = N_("This is not a valid ID number.")


class IdNumberLength(IdNumberInvalid):
    """Too long, too short, or something else than digits."""

    text = N_("An ID number has 18 characters: 17 digits, then a digit or X.")


class IdNumberRegion(IdNumberInvalid):
    """The first two digits are no province."""

    text = N_("The ID number begins with a region that does not exist.")


class IdNumberDate(IdNumberInvalid):
    """The date of birth in it does not exist or has not come yet."""

    text = N_("The date of birth in the ID number cannot be right.")


class IdNumberCheckDigit(IdNumberInvalid):
    """The last character does not fit."""

    text = N_("The ID number has a typing error: its last character does not fit the others.")


class IdNumberTaken(Refusal):
    """This person is registered already."""

    code = "id_number_taken"
    status = 409
    text = N_("A person with this ID number is registered already. Please sign in.")


class UnderAge(Refusal):
    """Too young to register alone."""

    code = "under_age"
    status = 422
    text = N_("To register yourself you must be at least {years} years old.")


class PhoneInvalid(Refusal):
    """Not a mobile number of the mainland."""

    code = "phone_invalid"
    status = 422
    text = N_("Please write a mobile number with 11 digits.")


class PhoneTaken(Refusal):
    """The number belongs to a registered person; told only to who holds the phone."""

    code = "phone_taken"
    status = 409
    text = N_("This phone number is registered already. Please sign in.")


class NotRegistered(Refusal):
    """Nobody is registered with the number; told only to who holds the phone."""

    code = "not_registered"
    status = 404
    text = N_("Nobody is registered with this phone number yet. Please register.")


class CodeWrong(Refusal):
    """The one-time code is not the one that was sent."""

    code = "code_wrong"
    status = 422
    text = N_("This is not the code that was sent. Please check it.")


class CodeExpired(Refusal):
    """The code is too old, was tried too often, or was never asked for."""

    code = "code_expired"
    status = 422
    text = N_("This code is no longer valid. Please ask for a new one.")


class CodeUsed(Refusal):
    """The code has served once already."""

    code = "code_used"
    status = 422
    text = N_("This code was used already. Please ask for a new one.")


class CodeTooSoon(Refusal):
    """A code was sent a moment ago; `retry_after_s` tells when the next may be asked."""

    code = "code_too_soon"
    status = 429
    text = N_("A code was sent a moment ago. You can ask for another in {retry_after_s} seconds.")


class RegistryMismatch(Refusal):
    """The registry says that name and ID number do not belong together."""

    code = "registry_mismatch"
    status = 422
    text = N_("The population registry does not know this name with this ID number.")


class RegistryUnavailable(Refusal):
    """The registry gave no answer; nobody is registered on a guess."""

    code = "registry_unavailable"
    status = 503
    text = N_("The population registry does not answer at the moment. Please try again in a few minutes.")


class PasscodeWeak(Refusal):
    """Not six digits, or six that anyone tries first."""

    code = "passcode_weak"
    status = 422
    text = N_("Please choose six digits that are not easy to guess: not all equal, not in a row.")


class PasscodeMissing(Refusal):
    """Something needs a passcode and none came, or the person has none yet."""

    code = "passcode_missing"
    status = 403
    text = N_("Please enter your payment passcode.")


class PasscodeWrong(Refusal):
    """The passcode is wrong; `tries_left` until it is locked."""

    code = "passcode_wrong"
    status = 403
    text = N_("The passcode is wrong. Tries left: {tries_left}.")


class PasscodeLocked(Refusal):
    """Wrong too often; `wait_minutes` and `retry_after_s` tell the rest of the lock."""

    code = "passcode_locked"
    status = 403
    text = N_("The passcode was wrong too often. You can try again in {wait_minutes} min.")


class LanguageUnknown(Refusal):
    """Not one of the city's languages."""

    code = "language_unknown"
    status = 422
    text = N_("This language is not available.")
