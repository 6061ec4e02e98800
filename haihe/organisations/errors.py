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
