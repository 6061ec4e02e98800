"""Paying for one another: relatives who pay somebody's bills with own money, helpers who pay them from the owner's wallet.

Owns which payments were made so, and the pages of families. Never: shows a relative more of a bill than what it is called and its
amount, or lets a helper pass the mandate. Calls people's and the wallet's families, and dues.
"""
