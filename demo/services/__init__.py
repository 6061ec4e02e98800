"""The world outside of the demo city, each part a process of its own that can be slow, wrong or silent on command.

Owns: a population registry and a bank that exist nowhere. Never: imports haihe or sees its database; they speak HTTP only.
"""
