"""How a check of identity is refused: by the name of whoever did not know the person, or did not answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from haihe.base.errors import Refusal
from haihe.base.i18n import N_
from haihe.people.checks.model import Channel
from haihe.people.errors import RegistryMismatch, RegistryUnavailable


class OperatorMismatch(Refusal):
    """The phone operator says that the number is held by somebody else."""

    code = "operator_mismatch"
    status = 422
    text = N_("The phone operator knows this number under another name or ID number.")


class SocialMismatch(Refusal):
    """The social insurance bureau does not know the person."""

    code = "social_mismatch"
    status = 422
    text = N_("The social insurance bureau does not know your name with your ID number.")


class EducationMismatch(Refusal):
    """No school of the register of graduates knows the person."""

    code = "education_mismatch"
    status = 422
    text = N_("The register of graduates does not know your name with your ID number.")


class HousingMismatch(Refusal):
    """The register of homes does not know the person."""

    code = "housing_mismatch"
    status = 422
    text = N_("The register of homes does not know your name with your ID number.")


class CardHolderMismatch(Refusal):
    """The bank knows the card under other data than the citizen's."""

    code = "card_holder_mismatch"
    status = 422
    text = N_("The bank of this card knows another name, ID number or phone. Please have it corrected at the bank.")


class CheckUnavailable(Refusal):
    """Whoever was asked gave no answer; nothing is concluded from that."""

    code = "check_unavailable"
    status = 503
    text = N_("This office does not answer at the moment. Please try again in a few minutes, or choose another one.")


MISMATCH: Final[Mapping[Channel, type[Refusal]]] = {
    Channel.REGISTRY: RegistryMismatch,
    Channel.OPERATOR: OperatorMismatch,
    Channel.SOCIAL: SocialMismatch,
    Channel.EDUCATION: EducationMismatch,
    Channel.HOUSING: HousingMismatch,
    Channel.BANK: CardHolderMismatch,
}
SILENT: Final[Mapping[Channel, type[Refusal]]] = {Channel.REGISTRY: RegistryUnavailable}
"""Whose silence has words of its own; any other's is `CheckUnavailable`."""
