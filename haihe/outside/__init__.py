"""Connectors to the world outside: for each a protocol and a client.

Owns: how the population registry, the bank and the phone operator are asked, time-outs and what a missing answer means.
Never: decides what follows from an answer, touches the database. Calls only base.
"""
