"""Profiles of columns: created by whylogs, stored as JSON that can be read without whylogs, compared for drift."""
