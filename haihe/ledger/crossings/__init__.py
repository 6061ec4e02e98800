"""Money between buckets: two durable steps over the bridge accounts.

Owns: the table `crossings` and how what is open in it is finished or undone. Never: touches two buckets in one transaction. Calls base
and the ledger.
"""
