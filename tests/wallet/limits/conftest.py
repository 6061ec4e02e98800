from tests.people.checks.conftest import city, phones, phones_process, records, records_process

__all__ = ["city", "phones", "phones_process", "records", "records_process"]
