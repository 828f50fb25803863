"""Reads, checks and writes rows in the tasks of a Spark job. Only `session` imports PySpark."""
