from __future__ import annotations

from tests.citizens import bank, bank_process

__all__ = ["bank", "bank_process"]
