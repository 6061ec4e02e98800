"""Checks of identity: independent sources that know a citizen, and the class of account that follows (announcement 43/2015 Art. 11).

Owns: what sources said, who is asked, the page of the class. Never: concludes anything from silence, lowers a class, keeps what was
asked. Calls base, web, ledger, outside and people; the cards come through `CardBox` from the wallet above.
"""
