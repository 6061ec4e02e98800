"""Automatic top-ups: a citizen's rule pulls from the card whenever the wallet has less than was agreed.

Owns: the rules. Never: pulls twice for one low balance, more in a month than was agreed, or more at once than the law lets pass
without the bank's own check. The pull itself is an ordinary top-up (`wallet/service.py`), so that nothing new can go wrong with it.
"""
