"""Removes a person's rows from everything that a use case stores (`vishwaops forget`).

person       whose rows: the values of the key
rows         a Parquet object without the person's rows
places       where rows are, and what is computed from them
values       the values that only the person has, removed from texts
derived      profiles, pages, results and shards that are made again without the person
table        the dataset versions and the corrections
features     the feature group's stores
local_state  files and SQLite databases of this machine
forget       all of it, in an order that a kill does not break
"""
