"""The service counter: clerks serve people who come in person, with or without a phone.

Owns visits (whom a clerk has before them and what was proved of the person), cash taken at counters and the clerks' drawers. Never shows
more of a person than the masked name before the identity is proved; every look is a deed and news to the person. Calls people,
organisations, wallet, ledger and `payments.paper`.
"""
