"""Finds how many cells a workbook has from its first cell to its last one.

The reader allocates all of them, and so two cells in far corners, in a file of 2 kB, would fill any memory.
"""

import re
import zipfile
from collections.abc import Iterator
from itertools import chain

from config.errors import SourceError

MOST_CELLS = 1 << 27
"""As of 1,048,576 rows, the most that Excel has, of 128 columns. They need about 3 GB."""
CHUNK_BYTES = 1 << 24
OPEN_DOCUMENT = "content.xml"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ROW, _COLUMN = re.compile(rb"\sr=[\"'](\d+)[\"']"), re.compile(rb"\sr=[\"']([A-Z]+)\d")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_REPEATED_ROWS = re.compile(rb"number-rows-repeated=[\"'](\d+)[\"']")
_REPEATED_CELL = re.compile(rb"<[\w-]*:?(?:covered-)?table-cell([^>]*)>")
_REPEATED_COLUMNS = re.compile(rb"number-columns-repeated=[\"'](\d+)[\"']")


def refuse_too_large(archive: zipfile.ZipFile, address: str) -> None:
    """Raise SourceError when a sheet of a workbook has more cells than MOST_CELLS, with those in between."""
    for name in archive.namelist():
        if _SHEET.fullmatch(name):
            rows, columns = _excel_size(archive, name)
        elif name == OPEN_DOCUMENT:
            rows, columns = _open_document_size(archive)
        else:
            continue
        if rows * columns > MOST_CELLS:
            raise SourceError(
                f"{address}: expected sheets of at most {MOST_CELLS:,} cells, found one of {rows:,} rows and "
                f"{columns:,} columns from its first cell to its last one. Delete cells far from the table, or save "
                "the sheet as CSV"
            )


def _excel_size(archive: zipfile.ZipFile, name: str) -> tuple[int, int]:
    """Return the last row and the last column, by their references, or by their numbers if there are none."""
    last_row = last_column = count = 0
    for rows in pieces(archive, name, b"</row>"):
        last_row = max(last_row, max(map(int, _ROW.findall(rows)), default=0))
        letters = set(_COLUMN.findall(rows))
        last_column = max(last_column, max(map(column_number, letters), default=0))
        parts = rows.split(b"<row")
        count += len(parts) - 1
        if not letters:
            last_column = max(last_column, *(len(_CELL.findall(part)) for part in parts))
    return max(last_row, count), last_column


def column_number(letters: bytes) -> int:
    """Return the number of a column, from 1, such as 28 for AB."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _open_document_size(archive: zipfile.ZipFile) -> tuple[int, int]:
    """Return the number of rows with a value, repeated ones too, and the cells of the longest one."""
    rows = columns = 0
    for piece in pieces(archive, OPEN_DOCUMENT, b"</table:table-row>"):
        for row in piece.split(b"<table:table-row")[1:]:
            cells = list(_REPEATED_CELL.finditer(row))
            filled = [at for at, cell in enumerate(cells) if b"value" in cell[1]]
            if filled:
                rows += _repeated(_REPEATED_ROWS, row.partition(b">")[0])
                columns = max(columns, sum(_repeated(_REPEATED_COLUMNS, cell[1]) for cell in cells[: filled[-1] + 1]))
    return rows, columns


def _repeated(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1]) if found else 1


def pieces(archive: zipfile.ZipFile, name: str, end: bytes) -> Iterator[bytes]:
    """Yield the content of a file in pieces that end with a whole row, if rows end with a tag of their own."""
    rest = b""
    with archive.open(name) as file:
        for chunk in chain(iter(lambda: file.read(CHUNK_BYTES), b""), (b"",)):
            whole, found, rest = (rest + chunk).rpartition(end) if chunk else (rest, b"", b"")
            if not found and chunk:
                whole, found, rest = rest[:-256], b"", rest[-256:]
            yield whole + found
