"""`python -m tests.fuzz SUBJECT ...`: try many variants of a subject, such as csv; exit status 1 if one failed.

A subject is a module of this package with a function `main` of the arguments after its name, which returns the status.
"""

import importlib
import sys

MODULES = {"csv": "csv_variants"}
"""Subjects whose module has another name: `csv` is the standard library's."""

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        raise SystemExit("expected a subject, such as csv; found none")
    subject = importlib.import_module(f"tests.fuzz.{MODULES.get(sys.argv[1], sys.argv[1])}")
    raise SystemExit(subject.main(sys.argv[2:]))
