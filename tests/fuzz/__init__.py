"""Generators of hostile and odd inputs, with oracles: a small number runs in the suite, many by `make fuzz`."""
