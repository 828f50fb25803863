"""Dataset versions: snapshots of one Iceberg table for each use case, in the Glue catalog.

The data's path: a source's typed rows → part files in S3 (`part_files`) → one commit of them (`commit`, `transaction`)
→ a DatasetVersion, whose rows the later stages read (`reading`). `catalog` alone makes PyIceberg's catalog, `table`
finds or makes a table, `evolution` decides which changes of columns it takes, `versions` lists, finds and tags
versions, and `gc` deletes those that are no longer needed.
"""
