"""How schools refuse."""

from __future__ import annotations

from haihe.base.errors import Refusal
from haihe.base.i18n import N_


class ClassUnknown(Refusal):
    """There is no such class in this school, whatever other schools have."""

    code = "class_unknown"
    status = 404
    text = N_("There is no such class in this school. Nothing was issued.")


class ClassEmpty(Refusal):
    """A class without pupils."""

    code = "class_empty"
    status = 409
    text = N_("This class has no pupils. Nothing was issued.")


class NoticeUnknown(Refusal):
    """There is no such notice of this school."""

    code = "notice_unknown"
    status = 404
    text = N_("There is no such fee notice.")
