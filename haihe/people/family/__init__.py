"""Families: children with their guardians, relatives who may pay somebody's bills, helpers who act for somebody.

Owns who is tied to whom, and with which rights. Never: moves money (`wallet/family`, `payments/family` ask here first), shows anybody
a whole name, or tells more about a phone number than sending money does. Calls base, the ledger, outside and the rest of people.
"""
