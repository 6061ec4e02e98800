"""The fault runner: real services and a real PostgreSQL that is killed, cut off and filled up while people pay.

Owns a scratch server with a disk of its own, a proxy that breaks connections, clients with a seed each, and a judge who knows what
everybody must have. Never touches a city: everything is made for the run and removed after it.

What the seed decides: what each client asks, in which order, with which keys, how often it repeats and how long it waits; which faults
come after how many answers; which commits are cut. What it cannot decide: how the machine schedules processes, and so which request
meets which fault. A failing seed therefore meets the same questions and faults again, nearly always in the same places.
"""
