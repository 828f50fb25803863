"""Quarantined rows, as people see and correct them.

rows.py finds and selects them, cells.py checks the cells that a person gives, sheet.py writes them as CSV and reads it
again, fix.py stores corrections, release.py replays them as a new dataset version.
"""
