"""Freezing: a wallet that is stopped at once, by its owner or at a counter, and released by what a thief does not have.

Owns who is frozen now. The ledger's flag on the wallet is what stops money, in the same batch in which it would move; this part sets
it, signs out every other device and ends what was asked for a forgotten passcode. Never: moves money, or keeps anybody from signing
in and looking. Calls base, the ledger and the rest of people.
"""
