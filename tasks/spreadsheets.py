"""CSV that is safe to open in a spreadsheet."""

import re

import pandas as pd

from tabular.cells import NUMBER

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""The first characters that make a spreadsheet run a cell as a formula (OWASP, "CSV Injection")."""


def people_csv(frame: pd.DataFrame) -> str:
    """Return the (n, columns) frame as CSV. A text that would be a formula gets an apostrophe before it.

    Numbers do not change, nor do texts that are numbers, such as the code "-1". Lines end in CR LF (RFC 4180).
    """
    safe = frame.rename(columns=_escaped)
    for place, kind in enumerate(frame.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            safe.isetitem(place, frame.iloc[:, place].map(_escaped, na_action="ignore"))
    return safe.to_csv(index=False, lineterminator="\r\n")  # type: ignore[no-any-return]


def _escaped(value: object) -> object:
    if not isinstance(value, str) or not value.startswith(FORMULA_STARTS) or re.match(NUMBER, value):
        return value
    return "'" + value
