"""The rows of each feature: `ROUTES`, and where it has them `FIELDS`, `ASKED_FOR` and `ONE_CLICK`.

A further file here is part of the table (tests/security/table.py).
"""
