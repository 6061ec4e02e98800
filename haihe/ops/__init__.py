"""Running a city: one process that brings up everything, and the command line.

Owns the embedded PostgreSQL, migrations, child processes, locks and the commands. Knows no person and no payment: what is
served, prepared and started beside it comes from `haihe/app.py` as a `City` (haihe/ops/city.py). Only `app` imports it.

Reading path: serve → access → postgres → migrate → children; cli says how to add a command. SQL that builds databases and
roles is in databases, migrate and jobs_schema: there is no table of the city in it, hence no store.
"""
