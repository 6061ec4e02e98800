"""The ledger: every fen of the city, in double entry.

Owns accounts, transfers, batches and their seal. Decides whether a posting can be; never why it should be: it knows no
citizen, no fare and no payment. Calls nothing but `base`. Everything that moves money calls `service.post`.
"""
