"""What everything stands on: settings, the home, clock, ids, money, errors, the database.

Owns no table and no page, knows no person and no payment. Imports nothing of Haihe from outside this folder.
"""
