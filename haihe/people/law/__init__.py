"""The law on accounts and payments: dated data, what it decides, and how the ledger comes to obey it."""
