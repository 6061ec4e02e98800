"""Four eyes: what one member of staff asks for and another one decides, once, in the transaction of the decision.

Owns `approvals`, their page and who may decide. Never knows what is decided: each kind (`Kind`) is brought by the part that it
belongs to. Used by `organisations.team` (roles, access, the second factor's date) and by payments (refunds above a limit).
"""
