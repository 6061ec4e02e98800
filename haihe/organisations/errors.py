"""How staff and organisations are refused."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class StaffUnknown(Refusal):
    """Login and password do not belong together; it is not told which is wrong."""

    code = "login_wrong"
    status = 403
    text = N_("Login and password do not fit together.")


class StaffLocked(Refusal):
    """Wrong too often."""

    code = "login_locked"
    status = 403
    text = N_("The password was wrong too often. You can try again in {wait_minutes} min.")


class PasswordWeak(Refusal):
    """Too short to be a password."""

    code = "password_weak"
    status = 422
    text = N_("A password needs at least {characters} characters.")


class OrganisationInvalid(Refusal):
    """A key, name or category that cannot be; `field` tells which."""

    code = "organisation_invalid"
    status = 422
    text = N_("Key, name or category of the organisation is not right.")


class CodeWrong(Refusal):
    """Not a code of the authenticator for now, one that was used, or no recovery code."""

    code = "code_wrong"
    status = 403
    text = N_("This code is not right, or it was used before.")


class DraftInvalid(Refusal):
    """The page on which a second factor is set up was open for too long."""

    code = "draft_invalid"
    status = 422
    text = N_("This page was open for too long. Please set up the second factor again.")


class PasswordWrong(Refusal):
    """The own password, asked again, is not right."""

    code = "password_wrong"
    status = 403
    text = N_("This is not your password.")


class StaffMissing(Refusal):
    """Nobody of this organisation."""

    code = "staff_unknown"
    status = 404
    text = N_("Nobody of your organisation is meant by this.")


class LoginInvalid(Refusal):
    """A login or name that cannot be; `field` tells which."""

    code = "login_invalid"
    status = 422
    text = N_("A login has 3 to 64 small letters, digits, dots, dashes or at-signs.")


class LoginTaken(Refusal):
    """Somebody of this city has the login."""

    code = "login_taken"
    status = 409
    text = N_("This login is taken.")


class OwnAccount(Refusal):
    """Administrators cannot change their own role or access."""

    code = "own_account"
    status = 409
    text = N_("Somebody else has to change this: it is your own account.")


class DayInvalid(Refusal):
    """Not a day from today on, within a year."""

    code = "day_invalid"
    status = 422
    text = N_("A day from today on, within a year")


class NameInvalid(Refusal):
    """A name that cannot be."""

    code = "name_invalid"
    status = 422
    text = N_("A name has 1 to 100 characters.")
