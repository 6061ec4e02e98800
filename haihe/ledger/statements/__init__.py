"""Statements: what moved on an account, in order, with the balance before and after; and the trial balance of the city.

Owns the books, which a reader of its own writes behind the postings (`bookkeeper.py`), and only reads the ledger. A chained account
(a wallet, a purse) needs no book: its statement is a walk. Knows no citizen and no payment; `payments/books` shows it to people.
"""
