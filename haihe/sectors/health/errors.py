"""How clinics refuse."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class PatientUnknown(Refusal):
    """Nobody in the city has this ID number or phone number."""

    code = "patient_unknown"
    status = 404
    text = N_("Nobody with this ID number or phone number is registered in the city.")


class SplitChanged(Refusal):
    """Another bill of the patient used deductible or ceiling since the split was shown."""

    code = "split_changed"
    status = 409
    text = N_(
        "Meanwhile another bill of this patient was issued or withdrawn: the split is a new one. Please look again."
    )


class BillEmpty(Refusal):
    """A bill without items, or with too many."""

    code = "bill_empty"
    status = 422
    text = N_("A bill needs at least one item with its amount.")


class BillNotOpen(Refusal):
    """A bill that is paid or withdrawn cannot be withdrawn."""

    code = "bill_not_open"
    status = 409
    text = N_("This bill is not open any more: it was paid or withdrawn.")


class RecordClosed(Refusal):
    """A record is open to who opened it, for some hours."""

    code = "record_closed"
    status = 404
    text = N_("This record is closed. Please find the patient again.")
