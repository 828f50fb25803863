"""Rows in record batches: typing, checks, storage, and the input of predictions."""
