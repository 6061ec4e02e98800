"""A family's money: what guardians do with a child's wallet, and helpers' own money for somebody else's.

Owns nothing of its own: ties are `people/family`'s, caps `wallet/caps`', crossings the ledger's. Never: takes money out of a child's
wallet. Calls people, the ledger and the rest of the wallet.
"""
