"""How families' requests are refused; `field` names the field of a form."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class NotAChild(Refusal):
    """The ID number is that of a grown-up, who registers alone."""

    code = "not_a_child"
    status = 422
    text = N_("This person is {years} or older and registers alone.")


class NotOfAge(Refusal):
    """Who asks, or is asked, is a child: looking after others is for grown-ups."""

    code = "not_of_age"
    status = 403
    text = N_("For this one must be at least {years} years old.")


class ChildUnknown(Refusal):
    """No such child of this guardian."""

    code = "child_unknown"
    status = 404
    text = N_("There is no such child in your care.")


class ChildrenFull(Refusal):
    """More children than one guardian may have here."""

    code = "children_full"
    status = 409
    text = N_("You look after {most} children here already.")


class GuardiansFull(Refusal):
    """The child has two guardians."""

    code = "guardians_full"
    status = 409
    text = N_("A child has two guardians at most.")


class LastGuardian(Refusal):
    """The only guardian cannot go while the child is one."""

    code = "last_guardian"
    status = 409
    text = N_("A child needs a guardian. Invite another one first.")


class PersonUnknown(Refusal):
    """Nobody has this phone number, or who has it cannot be invited: which of the two is not told."""

    code = "person_unknown"
    status = 404
    text = N_("Nobody with this phone number can be invited. Please check it.")


class PersonIsSelf(Refusal):
    """The own phone number."""

    code = "person_self"
    status = 422
    text = N_("This is your own number.")


class PersonChanged(Refusal):
    """The number belongs to somebody else than was confirmed."""

    code = "person_changed"
    status = 409
    text = N_("This number belongs to somebody else now. Please check the name.")


class TiedAlready(Refusal):
    """They are tied so already, or the invitation waits for an answer."""

    code = "tied_already"
    status = 409
    text = N_("This person is invited or linked already.")


class TiesFull(Refusal):
    """More ties than one person may have."""

    code = "ties_full"
    status = 409
    text = N_("You have {most} relatives and helpers already. Please end one first.")


class TieUnknown(Refusal):
    """No such tie or invitation of this person, or it does not hold any more."""

    code = "tie_unknown"
    status = 404
    text = N_("There is no such link between you, or it has ended.")


class InvitationOver(Refusal):
    """The invitation was answered, taken back, or is too old."""

    code = "invitation_over"
    status = 409
    text = N_("This invitation is no longer open.")


class TermsInvalid(Refusal):
    """What the tie would allow makes no sense; `field` says where."""

    code = "terms_invalid"
    status = 422
    text = N_("Please choose what is allowed, how much at most, and until when.")


class RightMissing(Refusal):
    """The mandate does not allow this."""

    code = "right_missing"
    status = 403
    text = N_("Your mandate does not allow this.")


class PairingCodeWrong(Refusal):
    """No child has this code, or it has ended or was used."""

    code = "code_wrong"
    status = 422
    text = N_("This code is not valid or no longer valid. Your guardian can show a new one.")
