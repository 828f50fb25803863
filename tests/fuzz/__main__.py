"""`python -m tests.fuzz [SUBJECT ...]`: try many variants of a subject, such as csv, or of all; status 1 if one failed.

A subject is a module of this package with a function `main` of the arguments after its name, which returns the status.
"""

import importlib
import sys
from collections.abc import Sequence

SUBJECTS = {
    "compiled": "tests.fuzz.compiled_models",
    "csv": "tests.fuzz.csv_variants",
    "requests": "tests.fuzz.requests",
}


def run(subject: str, arguments: Sequence[str]) -> int:
    """Try one subject. Returns its exit status."""
    return int(importlib.import_module(SUBJECTS[subject]).main(arguments))


def main(arguments: Sequence[str]) -> int:
    """Try the subject in the first argument, or all subjects."""
    if not arguments:
        return max(run(subject, ()) for subject in SUBJECTS)
    if arguments[0] not in SUBJECTS:
        print(f"expected one of {', '.join(SUBJECTS)}; found {arguments[0]!r}", file=sys.stderr)  # noqa: T201
        return 2
    return run(arguments[0], arguments[1:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
