"""Paper cards: a revocable QR code on paper, by which somebody without a phone pays at tills and in buses.

Owns the cards: random codes, found by keyed hash, one living card for each citizen. A card is a static code and pays within a daily
cap (`wallet.caps`, scope PAPER) that the payment's batch judges, and only while it lives: both under the lock of its citizen's bucket.
"""
