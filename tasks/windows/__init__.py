"""Windows over time: columns that are computed from the earlier rows of the same key, by the same code everywhere."""
