"""Purses, funds and campaigns: money with a purpose, who gives it, where it is taken, until when, how often.

Owns schemes and campaigns as dated data, grants, uses and what lapsed. Never decides a payment: it says what may be drawn on, and
`payments` divides. Calls base, ledger and organisations.
"""
