"""Checks a use case and a sample of its rows on this machine, before a run."""
