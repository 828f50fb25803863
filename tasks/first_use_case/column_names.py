"""Turns headers into names that a rule can use."""

import re
from collections.abc import Iterable

from config.column_names import RESERVED_IN_REQUESTS, RESERVED_PREFIX, name_problem
from config.name_words import plain
from tabular.expressions.spelling import can_be_named

WORDS = frozenset({"null", "true", "false"})
"""The constants of rules. Python's keywords are not names either."""
LONGEST = 60
SUFFIX = "_value"


def column_names(headers: Iterable[str]) -> dict[str, str]:
    """Return a valid name for each header, each once: `Mother's job (code)` is mothers_job_code.

    Headers stay when all of them are valid names.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    given = list(headers)
    stay = all(map(_is_valid, given))
    for header in given:
        name = unique = header if stay else _name(header)
        number = 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique)
        names[header] = unique
    return names


def _name(header: str) -> str:
    name = "_".join(re.findall(r"[a-z0-9]+", plain(header).replace("'", "")))[:LONGEST].strip("_")
    if not name or name[0].isdigit():
        name = f"column_{name}".rstrip("_")
    if name.startswith(RESERVED_PREFIX):
        name = f"share_{name}"
    return name if _is_valid(name) else name + SUFFIX


def _is_valid(name: str) -> bool:
    return (
        can_be_named(name)
        and name not in {*WORDS, *RESERVED_IN_REQUESTS}
        and not name_problem(name)
        and bool(re.fullmatch(r"\w+", name))
    )
