from tests.citizens import (
    bank,
    bank_process,
    phones,
    phones_process,
    records,
    records_process,
    registry,
    registry_process,
)

__all__ = [
    "bank",
    "bank_process",
    "phones",
    "phones_process",
    "records",
    "records_process",
    "registry",
    "registry_process",
]
