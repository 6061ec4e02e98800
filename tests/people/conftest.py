from tests.citizens import bank, bank_process, browser, city, registry, registry_process

__all__ = ["bank", "bank_process", "browser", "city", "registry", "registry_process"]
