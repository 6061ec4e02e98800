"""Which class the checks of an identity allow (announcement 43/2015 Art. 11). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from haihe.outside.registry import Answer
from haihe.people.checks.model import Channel, Check, Said, Standing
from haihe.people.law.model import Rules
from haihe.people.model import CitizenClass

FACE_TO_FACE: Final = CitizenClass.II
"""What a check at a counter gives by itself. The law would allow III, too; this city asks five sources for it."""
FOUNDING: Final = (Channel.REGISTRY, Channel.OPERATOR, Channel.SOCIAL, Channel.EDUCATION, Channel.HOUSING)
"""By which channels citizens of a class were checked before the founding: so many as the class needs."""


def positive(checks: Sequence[Check]) -> int:
    """Count the independent sources outside that know the person; the counter is no such source."""
    return len({one.said.source for one in checks if one.said.is_match and one.said.channel is not Channel.COUNTER})


def allowed(checks: Sequence[Check], rules: Rules) -> CitizenClass | None:
    """Give the highest class that checks allow; None if they allow no account."""
    seen = any(one.said.channel is Channel.COUNTER and one.said.is_match for one in checks)
    classes = (rules.class_of(positive(checks)), FACE_TO_FACE if seen else None)
    return max((one for one in classes if one), default=None)


def standing(citizen_class: CitizenClass, checks: Sequence[Check], rules: Rules) -> Standing:
    """Say where a citizen stands."""
    count = positive(checks)
    above = [one for one in CitizenClass if one > citizen_class]
    goal = above[0] if above else None
    missing = max(0, rules.checks[goal.name] - count) if goal else 0
    return Standing(citizen_class, tuple(checks), count, goal, missing)


def founded(citizen_class: CitizenClass, rules: Rules) -> list[Said]:
    """Give what sources are taken to have said of someone who was founded with a class."""
    return [Said(one, one.name.lower(), Answer.MATCH) for one in FOUNDING[: rules.checks[citizen_class.name]]]
