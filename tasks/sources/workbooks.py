"""Reads a sheet of a workbook (Excel: xlsx, xls; OpenDocument: ods) as record batches, with row numbers as lines.

A formula is its stored value, and an error in xlsx its text, such as `#DIV/0!`. A column whose cells are all numbers,
booleans or dates has that type. The cells of other columns are texts: numbers with all their digits and the decimal
mark of the format, dates in ISO 8601. The sheet is read into memory as a whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Any

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from config.errors import SourceError
from tabular.formats import USUAL, Format
from tabular.suggestions import did_you_mean, listed
from tasks.sources import archives
from tasks.sources.columns import refuse_repeated, without
from tasks.sources.preambles import SEARCHED_LINES, skipping_hint
from tasks.sources.sheet_cells import column_of, column_type, shown
from tasks.sources.source import BATCH_ROWS, refuse_reserved, with_reserved
from tasks.sources.workbook_errors import Errors, errors_of
from tasks.sources.workbook_size import refuse_too_large

Row = tuple[int, list[Any]]
"""A row's number, from 1, and its cells."""


def read_batches(
    file: IO[bytes], address: str, format: Format = USUAL, headers: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """Read the sheet of a workbook, in at least one batch.

    Raises SourceError when the workbook is damaged or has a password, when it has several sheets and the format names
    none, and when the sheet has no header.
    """
    sheet = _opened(file, address, format)
    where = f"{address}: sheet {sheet.name!r}"
    names, first = _names(sheet, where, format, headers)
    refuse_repeated(names, where)
    refuse_reserved(names, where)
    named = [at for at, name in enumerate(names) if name]
    types = [column_type(row[at] for _, row in sheet.rows(first)) for at in named]
    rows = sheet.rows(first)
    schema = pa.schema([pa.field(names[at], kind) for at, kind in zip(named, types, strict=True)])
    some = list(islice(rows, BATCH_ROWS))
    while True:
        cells = [
            without(column_of([row[at] for _, row in some], kind, format.decimal), format.missing)
            for at, kind in zip(named, types, strict=True)
        ]
        batch = pa.RecordBatch.from_arrays(cells, schema=schema)
        yield with_reserved(batch, pa.array([number for number, _ in some], pa.int64()))
        if not (some := list(islice(rows, BATCH_ROWS))):
            return


@dataclass(frozen=True)
class _Sheet:
    """A sheet, and the cells of it that have an error."""

    sheet: CalamineSheet
    errors: Errors

    @property
    def name(self) -> str:
        return str(self.sheet.name)

    def rows(self, first: int) -> Iterator[Row]:
        """Yield the rows from the row number `first` on that are not blank. A cell with an error is its text."""
        begin = (self.sheet.start or (0, 0))[1] + 1
        for number, cells in enumerate(self.sheet.iter_rows(), 1):
            for column, text in self.errors.get(number, {}).items():
                cells[column - begin : column - begin + 1] = [text]
            if number >= first and any(cell != "" for cell in cells):
                yield number, cells


def _opened(file: IO[bytes], address: str, format: Format) -> _Sheet:
    """Open the sheet. Raises SourceError."""
    head = file.read(4)
    file.seek(0)
    if not head.startswith(archives.MAGIC):
        return _Sheet(_sheet(file, address, format), {})
    with archives.opened(file, address) as archive:
        refuse_too_large(archive, address)
        file.seek(0)
        sheet = _sheet(file, address, format)
        return _Sheet(sheet, errors_of(archive, sheet.name))


def _sheet(file: IO[bytes], address: str, format: Format) -> CalamineSheet:
    try:
        book = CalamineWorkbook.from_filelike(file)
        names = book.sheet_names
        if isinstance(format.sheet, int) and format.sheet <= len(names):
            return book.get_sheet_by_index(format.sheet - 1)
        if format.sheet in names:
            return book.get_sheet_by_name(str(format.sheet))
        if format.sheet is None and len(used := _used(book)) == 1:
            return used[0]
    except PasswordError as error:
        raise SourceError(f"{address}: expected a workbook without a password, found one with it. Remove it") from error
    except (CalamineError, OSError, ValueError) as error:
        raise SourceError(
            f"{address}: expected a whole workbook, found one that is cut off or damaged: {error}. Save it again"
        ) from error
    expected = "one sheet" if format.sheet is None else f"a sheet {format.sheet!r}"
    near = did_you_mean(format.sheet, names) if isinstance(format.sheet, str) else ""
    raise SourceError(f"{address}: expected {expected}, found {listed(names)}{near}. Write `sheet: NAME` in the source")


def _used(book: CalamineWorkbook) -> list[CalamineSheet]:
    """Return the visible sheets with cells."""
    shown = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    sheets = [book.get_sheet_by_name(name) for name in shown]
    return [sheet for sheet in sheets if sheet.height] or sheets[:1]


def _names(sheet: _Sheet, where: str, format: Format, headers: Sequence[str]) -> tuple[list[str], int]:
    """Return the names of the columns, and the number of the first row after them."""
    begin = format.skip_lines + 1
    found = next(sheet.rows(begin), None)
    if found is None:
        raise SourceError(f"{where}: expected {'rows' if format.names else 'a header and rows'}, found no cells")
    number, cells = found
    if format.names is not None:
        if len(format.names) != len(cells):
            raise SourceError(f"{where}: expected the {len(format.names)} columns of `header`, found {len(cells)}")
        return [name.strip() for name in format.names], begin
    names = [shown(cell, ".").strip() for cell in cells]
    if not any(names):
        raise SourceError(f"{where}: row {number}: expected the names of the columns, found none")
    if set(headers).isdisjoint(names) and (hint := _hint(sheet, format, headers)):
        raise SourceError(f"{where}: row {number}: expected the names of columns, found other text{hint}")
    return names, number + 1


def _hint(sheet: _Sheet, format: Format, headers: Sequence[str]) -> str:
    """Return a hint for `skip_lines` if a later row has the headers, or an empty text."""
    rows = islice(sheet.sheet.iter_rows(), SEARCHED_LINES)
    text = "\n".join("\t".join(shown(cell, ".").replace("\n", " ") for cell in row) for row in rows)
    return skipping_hint(text.encode(), replace(format, delimiter="\t", encoding="utf-8"), headers)
