"""Writes the first use case of a file: guesses its format, columns, split, candidates and gates, each with a reason."""
