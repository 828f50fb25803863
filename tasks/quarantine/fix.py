"""Stores what a person corrects in quarantined rows. No version changes until it is released."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.errors import ConfigError, SourceError
from config.use_case import UseCase
from tabular.expressions import Expression
from tabular.suggestions import listed
from tasks import audit, corrections
from tasks.caller import person
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
    fixing = _Fixing(use_case, quarantine)
    for row in quarantine.rows(where):
        fixing.add(row.shown_place, row, texts)
    return fixing.store()


def fix_edited(use_case: UseCase, quarantine: Quarantine, path: Path) -> Fixed:
    """Correct the cells that differ in an edited file. Rows that have changed since it was written are left out.

    Nothing is stored unless every changed cell fits. Raises SourceError when the file can't be read, ConfigError for a
    cell that does not fit.
    """
    edited = _edited_rows(use_case, path)
    fixing = _Fixing(use_case, quarantine)
    for row in quarantine.rows():
        if edit := edited.pop(sheet.key_texts(row), None):
            before = sheet.cell_texts(use_case, row)
            texts = {name: text for name, text in edit.texts.items() if text != before[name]}
            fixing.add(f"line {edit.line}", row, texts)
    fixing.fixed.changed_since += [f"line {edit.line}" for edit in edited.values()]
    return fixing.store()


def _edited_rows(use_case: UseCase, path: Path) -> dict[tuple[str, ...], sheet.EditedRow]:
    edited: dict[tuple[str, ...], sheet.EditedRow] = {}
    for row in sheet.read_sheet(use_case, path):
        if (twice := edited.get(row.key)) and twice.texts != row.texts:
            raise SourceError(f"{path}: expected each row once, found another one on line {row.line}. Remove one")
        edited[row.key] = row
    return edited


class _Fixing:
    """Collects corrections, and stores them together."""

    def __init__(self, use_case: UseCase, quarantine: Quarantine) -> None:
        self._use_case, self._quarantine = use_case, quarantine
        self._known = columns(use_case)
        self._excused = excused_columns(use_case, self._known)
        self._waiting = {each.key: each.cells for each in pending(use_case)}
        self._typed: dict[tuple[tuple[str, str], ...], dict[str, Any] | UnfitCells] = {}
        self._made: list[Correction] = []
        self._refused: list[str] = []
        self.fixed = Fixed()

    def add(self, place: str, row: QuarantinedRow, texts: Mapping[str, str]) -> None:
        """Correct a row to these texts by column. A malformed row has no others, unless an earlier fix has."""
        earlier = self._waiting.get(row.key, {})
        malformed = row.malformed_text is not None and not earlier
        cells = self._cells({**dict.fromkeys(self._known, ""), **texts} if texts and malformed else texts)
        if isinstance(cells, UnfitCells):
            self._refused.append(f"{place}: {cells}")
            return
        if changed := cells if malformed else _changed(row, earlier, cells):
            one = Correction(file=row.file, line=row.line, row=row.row, original=row.original, cells=changed)
            self._made.append(one)
        self.fixed.unchanged += not changed

    def _cells(self, texts: Mapping[str, str]) -> dict[str, Any] | UnfitCells:
        """Return the typed cells, or why they do not fit. The same texts are typed once."""
        key = tuple(texts.items())
        if key not in self._typed:
            try:
                self._typed[key] = typed_cells(texts, self._known, self._excused)
            except UnfitCells as error:
                self._typed[key] = error
        return self._typed[key]

    def store(self) -> Fixed:
        """Store the corrections. Raises ConfigError, and stores nothing, when a row was refused."""
        if self._refused:
            count, shown = len(self._refused), "; ".join(self._refused[:SHOWN_REFUSED])
            more = f"; and {count - SHOWN_REFUSED:,} more" if count > SHOWN_REFUSED else ""
            raise ConfigError(
                f"{self._use_case.name}: expected cells that fit their columns, found {count:,} row(s) that still do "
                f"not fit, and stored nothing: {shown}{more}"
            )
        if self._made:
            fix = corrections.save_fix(self._use_case.name, person(), self._quarantine.dataset, self._made)
            facts = {"dataset_digest": self._quarantine.dataset, "rows": str(len(self._made)), "fix": fix}
            audit.append(self._use_case, "fix-rows", facts, once=fix)
        self.fixed.rows = len(self._made)
        return self.fixed


def _changed(row: QuarantinedRow, earlier: Mapping[str, Any], cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells without those that have this value already, by the row or by an earlier fix."""
    unread = row.unread.keys() - earlier.keys()
    now = {**{name: as_json(row.cells[name]) for name in cells}, **earlier}
    return {name: value for name, value in cells.items() if name in unread or value != now[name]}


def pending(use_case: UseCase) -> list[Correction]:
    """Return the corrections that wait for their release, oldest first."""
    return corrections.pending(use_case.name, corrections.release_of(find_table(use_case.name)))
