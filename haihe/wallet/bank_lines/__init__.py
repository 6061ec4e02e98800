"""The bank's own statement of the reserve account: read line by line, kept, and asked what became of a reference.

Nothing here moves money. Whoever awaits the bank's word asks `judging.judged`; settlement compares all of it with the ledger.
"""
