"""Quarantined rows as a CSV file that a person edits, and the changed cells of an edited one."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from config.errors import ConfigError, SourceError
from config.use_case import UseCase
from tabular.suggestions import listed
from tasks.model_contract import FILE, LINE, TEXT
from tasks.quarantine.cells import as_text
from tasks.quarantine.rows import QuarantinedRow
from tasks.rows.quarantine import REASONS
from tasks.rows.row_database import ROW
from tasks.spreadsheets import FORMULA_STARTS, people_csv

CONTENT = "row_content"
"""A column of the file: the digest of a row's content, so that a row that has changed since is recognised."""
PLACE = (ROW, FILE, LINE, CONTENT)


@dataclass(frozen=True)
class EditedRow:
    """A row of an edited file."""

    line: int
    """In the edited file."""
    key: tuple[str, str, str, str]
    """The texts of PLACE."""
    texts: Mapping[str, str]
    """By column of the use case."""


def write_sheet(use_case: UseCase, rows: Iterable[QuarantinedRow], path: Path, *, sensitive: bool = False) -> int:
    """Write rows as CSV, and return their number. The file appears when it is complete, readable by this user only.

    It has the place of each row, the texts of the cells as the source has them where they do not fit, the reasons, and
    the text of a malformed row. Sensitive columns, and the texts of malformed rows if there are some, are left out
    unless `sensitive`. Raises ConfigError for a file in no folder.
    """
    if path.suffix != ".csv" or not path.parent.is_dir():
        raise ConfigError(f"{path}: expected a file that ends in .csv, in a folder that exists. Choose another one")
    columns = shown_columns(use_case, sensitive=sensitive)
    whole = len(columns) == len(use_case.columns)
    records = [_record(use_case, row, columns, whole=whole) for row in rows]
    names = [*PLACE, *columns, REASONS, *([TEXT] if whole else [])]
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(people_csv(pd.DataFrame(records, columns=names, dtype=object)), encoding="utf-8", newline="")
    part.replace(path)
    return len(records)


def shown_columns(use_case: UseCase, *, sensitive: bool) -> list[str]:
    """Return the columns that a file has."""
    return [name for name, column in use_case.columns.items() if sensitive or not column.sensitive]


def _record(use_case: UseCase, row: QuarantinedRow, columns: Iterable[str], *, whole: bool) -> dict[str, Any]:
    texts = cell_texts(use_case, row)
    place = dict(zip(PLACE, key_texts(row), strict=True))
    found = {**place, **{name: texts[name] for name in columns}, REASONS: "; ".join(row.reasons)}
    return {**found, TEXT: row.malformed_text or ""} if whole else found


def key_texts(row: QuarantinedRow) -> tuple[str, str, str, str]:
    """Return the texts of a row's PLACE."""
    return str(row.row), row.file or "", "" if row.line is None else str(row.line), row.original


def cell_texts(use_case: UseCase, row: QuarantinedRow) -> dict[str, str]:
    """Return the text of each cell: the source's own where it does not fit its type."""
    return {name: row.unread.get(name, as_text(row.cells[name], column)) for name, column in use_case.columns.items()}


def read_sheet(use_case: UseCase, path: Path) -> Iterator[EditedRow]:
    """Yield the rows of an edited file. Raises SourceError when it can't be read or lacks a column of PLACE."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if missing := [name for name in PLACE if name not in header]:
                raise SourceError(
                    f"{path}: expected the columns {listed(PLACE)}, lacks {listed(missing)}. Edit a file that "
                    "`quarantine show --output` wrote, and save it as CSV with commas in UTF-8"
                )
            for cells in reader:
                yield _edited(use_case, path, reader.line_num, header, cells)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: expected a CSV file in UTF-8, found: {error}. Save it as one") from error


def _edited(use_case: UseCase, path: Path, line: int, header: list[str], cells: list[str]) -> EditedRow:
    if len(cells) != len(header):
        raise SourceError(f"{path}, line {line}: expected {len(header)} cells, found {len(cells)}. Correct the line")
    found = {name: _unescaped(text) for name, text in zip(header, cells, strict=True)}
    place, content, at, digest = (found[name] for name in PLACE)
    own = {name: text for name, text in found.items() if name in use_case.columns}
    return EditedRow(line, (place, content, at, digest), own)


def _unescaped(text: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from running it as a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
