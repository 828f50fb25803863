"""Joins the rows of several sources on disk, with DuckDB."""
