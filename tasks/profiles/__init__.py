"""Profiles of columns: made by whylogs, stored as JSON that needs no whylogs, and compared for drift."""
