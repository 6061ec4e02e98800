"""Payments: one object for a bus ride, a bill and a lunch: offered, paid, refunded.

Owns payment rows, idempotency keys, the batch in which they are posted, receipts and history. Never knows what a fare is:
each kind of code has a sector that prices, admits and records it (`sector.py`). Calls wallet, codes, organisations and the ledger.
"""
