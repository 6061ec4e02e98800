"""Services as dated data: what can be paid for, at which price, when it is open, for whom.

Owns: services and their terms, the rules of price, the files that declare them, the search. Never: moves money, knows a citizen, or
changes terms that were once in force; a new price is a new row from a day on. Calls base, web and organisations.
"""
