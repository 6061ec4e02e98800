from tests.citizens import bank, bank_process, registry, registry_process

__all__ = ["bank", "bank_process", "registry", "registry_process"]
