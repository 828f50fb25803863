"""Stores what a person corrects in quarantined rows. No version changes until it is released."""

import getpass
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.errors import ConfigError, SourceError
from config.profile import active_profile
from config.use_case import UseCase
from tabular.expressions import Expression
from tabular.suggestions import listed
from tasks import clients, corrections
from tasks.landing.table import find_table
from tasks.model_contract import columns
from tasks.quarantine import sheet
from tasks.quarantine.cells import UnfitCells, as_json, typed_cells
from tasks.quarantine.rows import Quarantine, QuarantinedRow
from tasks.rows.corrections import Correction
from tasks.rows.rules import excused_columns

SHOWN_REFUSED = 5
"""The refused rows that an error names."""


@dataclass
class Fixed:
    """What a fix has stored."""

    rows: int = 0
    unchanged: int = 0
    """The number of rows whose cells have these values already."""
    changed_since: list[str] = field(default_factory=list)
    """The lines of an edited file whose rows are not in the quarantine any more, or have another content now."""


def fix_selected(
    use_case: UseCase, quarantine: Quarantine, where: Expression | None, texts: Mapping[str, str]
) -> Fixed:
    """Correct the cells of the selected rows, all to the same texts.

    Nothing is stored unless every row takes them. Raises ConfigError for an unknown column, or a text that does not
    fit.
    """
    if unknown := [name for name in texts if name not in use_case.columns]:
        raise ConfigError(
            f"--set: expected columns of {use_case.name}, found {listed(unknown)}. "
            f"It has {listed(list(use_case.columns))}"
        )
    edits = ((row.shown_place, row, texts) for row in quarantine.rows(where))
    return _store(use_case, quarantine, edits, Fixed())


def fix_edited(use_case: UseCase, quarantine: Quarantine, path: Path) -> Fixed:
    """Correct the cells that differ in an edited file. Rows that have changed since it was written are left out.

    Nothing is stored unless every changed cell fits. Raises SourceError when the file can't be read, ConfigError for a
    cell that does not fit.
    """
    edited: dict[tuple[str, ...], sheet.EditedRow] = {}
    for row in sheet.read_sheet(use_case, path):
        if (twice := edited.get(row.key)) and twice.texts != row.texts:
            raise SourceError(f"{path}: expected each row once, found another one on line {row.line}. Remove one")
        edited[row.key] = row
    found = Fixed()
    result = _store(use_case, quarantine, _changes(use_case, quarantine, edited), found)
    result.changed_since += [f"line {row.line}" for row in edited.values()]
    return result


def _changes(
    use_case: UseCase, quarantine: Quarantine, edited: dict[tuple[str, ...], sheet.EditedRow]
) -> "Iterator[tuple[str, QuarantinedRow, Mapping[str, str]]]":
    """Yield each edited row that is in the quarantine, with its changed texts, and take it out of `edited`."""
    for row in quarantine.rows():
        if edit := edited.pop(sheet.key_texts(row), None):
            before = sheet.cell_texts(use_case, row)
            texts = {name: text for name, text in edit.texts.items() if text != before[name]}
            yield f"line {edit.line}", row, texts


def _store(
    use_case: UseCase,
    quarantine: Quarantine,
    edits: "Iterator[tuple[str, QuarantinedRow, Mapping[str, str]]]",
    found: Fixed,
) -> Fixed:
    known, excused = columns(use_case), excused_columns(use_case, columns(use_case))
    waiting = {each.key: each.cells for each in pending(use_case)}
    made, refused = list[Correction](), list[str]()
    for place, row, texts in edits:
        earlier = waiting.get(row.key, {})
        malformed = row.malformed_text is not None and not earlier
        given = {**dict.fromkeys(known, ""), **texts} if texts and malformed else texts
        try:
            cells = typed_cells(given, known, excused)
            cells = cells if malformed else _changed(row, earlier, cells)
        except UnfitCells as error:
            refused.append(f"{place}: {error}")
            continue
        if cells:
            made.append(Correction(file=row.file, line=row.line, row=row.row, original=row.original, cells=cells))
        found.unchanged += not cells
    if refused:
        more = f"; and {len(refused) - SHOWN_REFUSED:,} more" if len(refused) > SHOWN_REFUSED else ""
        raise ConfigError(
            f"{use_case.name}: expected cells that fit their columns, found {len(refused):,} row(s) that still do not "
            f"fit, and stored nothing: {'; '.join(refused[:SHOWN_REFUSED])}{more}"
        )
    if made:
        corrections.save_fix(use_case.name, person(), quarantine.dataset, made)
    found.rows = len(made)
    return found


def _changed(row: QuarantinedRow, earlier: Mapping[str, Any], cells: dict[str, Any]) -> dict[str, Any]:
    """Return the cells without those that have this value already, by the row or by an earlier fix."""
    unread = row.unread.keys() - earlier.keys()
    now = {**{name: as_json(row.cells[name]) for name in cells}, **earlier}
    return {name: value for name, value in cells.items() if name in unread or value != now[name]}


def pending(use_case: UseCase) -> list[Correction]:
    """Return the corrections that wait for their release, oldest first."""
    return corrections.pending(use_case.name, corrections.release_of(find_table(use_case.name)))


def person() -> str:
    """Return who corrects: the caller's ARN on AWS, the user of this machine offline."""
    if active_profile().offline:
        return getpass.getuser()
    return str(clients.client("sts").get_caller_identity()["Arn"])
