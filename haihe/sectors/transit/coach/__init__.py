"""Express and intercity coaches: a fare by distance, a seat held while it is paid, a ticket that the driver checks.

Owns routes, timetable, tariff, runs and tickets. A ticket that is being bought is a due (`payments.dues`): this folder never moves
money, it writes into the ticket which payment bought it. A seat is one person's for the whole way, also when it is sold for a part of it.
"""
