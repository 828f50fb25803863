"""What is measured, each figure beside a peer or a limit in the same run: `python -m tests.benchmarks [SUBJECT]`.

A subject is a module of this package with a function `figures`, which measures and yields `Figure`s.
"""
