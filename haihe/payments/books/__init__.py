"""The books, shown to people: a receipt's postings, statements, the trial balance, as pages, as files and on paper.

Owns what accountants look at in the console and a citizen's own statement. Only reads; knows names of organisations, funds and payments,
and tells nobody who another person is. Calls the ledger's statements.
"""
