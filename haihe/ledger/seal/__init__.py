"""The seal over all buckets: Merkle trees over what was posted, checkpoints that the city signs, proofs of single postings.

Owns `batch_roots`, `checkpoints` and `checkpoint_spans`. Never changes what the ledger stored, and works behind it: nobody who pays
waits for it. docs/proof.md says every byte. Used by payments (proofs for payers), `app.py` (the background run) and `haihe verify`.
"""
