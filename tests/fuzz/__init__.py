"""Generators of hostile and unusual inputs, with the expected results: few in the suite, many by `make fuzz`."""
