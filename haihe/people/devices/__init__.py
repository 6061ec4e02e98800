"""Devices: where a citizen is signed in, and how that ends.

Owns the table of sign-ins. A token proves a session without it: only ending, renewing and showing sessions asks the database.
Never: stores what a browser says of itself word by word, or a mark by which two people of one device could be linked.
Calls base and the sessions of people.
"""
