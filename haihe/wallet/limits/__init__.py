"""What a citizen may still pay, by the law and by agreements of their own, and the way up.

Owns: the page and the API of limits; nothing is stored. Never: decides whether a payment is within them, the ledger and the engine
do. Calls base, web, ledger, people and the wallet's caps.
"""
