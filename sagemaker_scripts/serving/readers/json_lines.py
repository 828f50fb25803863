"""Reads rows of JSON Lines: one object {"feature": value, ...} in each line."""

from collections.abc import Sequence
from typing import Any

from serving.readers import fast_json
from serving.readers.exact_json import parse_line
from serving.readers.json_rows import rows_of
from serving.readers.request_rows import RequestRows, require_row_count
from serving.readers.text import decoded
from tabular.columns import Column


def fast_rows(body: bytes) -> list[dict[str, Any]] | None:
    """Return the rows of a body, all objects without a repeated key; None if the exact parser is needed.

    The lines are parsed together, as a list. Each has one opening brace, so as many objects as lines are one in each.
    """
    lines = [line for line in body.split(b"\n") if line and not line.isspace()]
    if body.count(b"{") != len(lines) or not all(line.lstrip().startswith(b"{") for line in lines):
        return None
    rows = fast_json.fast_rows(b"[" + b",".join(lines) + b"]")
    return rows if rows is not None and len(rows) == len(lines) else None


def read(body: bytes | str, columns: Sequence[Column], most: int | None) -> RequestRows:
    """Read the rows of a body with the exact parser. A line that is not JSON is a malformed row.

    `most` is the number of problems to collect, or None for all. Raises Rejected if there is no row.
    """
    lines = [line for line in decoded(body).split("\n") if line.strip()]
    require_row_count(len(lines))
    return rows_of([parse_line(line) for line in lines], columns, most)
