"""Rows by record batches: how they are typed, judged, stored and read to be scored."""
