"""Dues: what is owed to an organisation until it is paid: a bill, a fee, a contribution, a ticket that is being bought.

A sector issues dues and tells what they are; how they are found, followed, paid once by whomever, and counted is the same for all
and stands here (`trade.DueTrade` is the sector of such a kind).
"""
