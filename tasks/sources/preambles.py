"""Finds the header of a delimited file after lines of text, such as a report's title, to suggest `skip_lines`."""

from collections.abc import Sequence

from tabular.formats import DELIMITERS, Format

SEARCHED_BYTES, SEARCHED_LINES = 1 << 16, 50


def skipping_hint(head: bytes, format: Format, schema: Sequence[str]) -> str:
    """Return a hint for `skip_lines` if a later line has at least half of the headers in `schema`; else an empty text.

    `head` has the first SEARCHED_BYTES of the file, or all of it.
    """
    if format.names is not None:
        return ""
    text = head.decode(format.encoding, "replace")
    for number, line in enumerate(text.split("\n")[:SEARCHED_LINES]):
        if number >= format.skip_lines and _is_header(line, format, set(schema)):
            words = f". Line {number + 1} has the names of columns: write `skip_lines: {number}`"
            return words if number > format.skip_lines else ""
    return ""


def _is_header(line: str, format: Format, schema: set[str]) -> bool:
    for delimiter in format.delimiter or DELIMITERS:
        cells = {cell.strip().strip(format.quote or "").strip() for cell in line.split(delimiter)}
        if len(cells & schema) >= max(2, (len(schema) + 1) // 2):
            return True
    return False
