"""Pipeline definitions of version 2020-12-01: syntax, values, conditions, order and retries."""
