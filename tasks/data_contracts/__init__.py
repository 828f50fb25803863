"""Data contracts: a use case's schema as a contract of the Open Data Contract Standard (ODCS 3.1), and back.

`odcs.py` writes a contract, `odcs_columns.py` reads the columns of one, `java_dates.py` converts date formats,
`breaking.py` compares a schema with the published contract, and `published.py` stores it in config/contracts/.
"""
