"""The quarantined rows of a validated dataset version, selected by an expression."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from config.consistency import fields
from config.errors import ConfigError, MissingInput
from config.use_case import UseCase
from tabular.expressions import Expression, ExpressionError, Field, parse
from tasks import locations, storage
from tasks.landing import versions
from tasks.model_contract import FILE, LINE, TEXT, UNREAD
from tasks.rows import stored_rows
from tasks.rows.corrections import Place, content_digest, place_of
from tasks.rows.history import REPORT
from tasks.rows.quarantine import REASONS
from tasks.rows.reasons import place
from tasks.rows.row_database import ROW

REASON = "reason"
"""The name of a reason in an expression: what the text of a reason begins with, a column or `malformed row`."""
FIELDS = {FILE: Field("text"), LINE: Field("number"), ROW: Field("number"), REASON: Field("text")}
"""What an expression may name besides the columns."""
NEWEST = 100
"""The number of reports in which a version is looked for."""
SAME_SECOND = 4
"""The number of reports of which the latest is looked for. S3 has whole seconds only."""


@dataclass(frozen=True)
class QuarantinedRow:
    """A row of a quarantine."""

    cells: Mapping[str, Any]
    """By stored column, without the place and the reasons."""
    row: int
    file: str | None
    line: int | None
    reasons: tuple[str, ...]

    @property
    def shown_place(self) -> str:
        """Where it is, as reasons show it."""
        return place(self.row, self.line, self.file)

    @cached_property
    def original(self) -> str:
        """The digest of its content."""
        return content_digest(self.cells)

    @property
    def malformed_text(self) -> str | None:
        """The text of a malformed row; None for another one."""
        found: str | None = self.cells[TEXT]
        return found

    @property
    def unread(self) -> dict[str, str]:
        """The texts of the cells that do not fit their type, by column."""
        found: dict[str, str] = json.loads(self.cells[UNREAD]) if self.cells[UNREAD] else {}
        return found

    @property
    def key(self) -> tuple[Place, str]:
        """What a correction finds it by."""
        return place_of(self.file, self.line, self.row), self.original


@dataclass(frozen=True)
class Quarantine:
    """The quarantined rows of one version."""

    dataset: str
    """The digest of the dataset version."""
    uri: str
    """Parquet, as `validate` writes it."""

    def rows(self, where: Expression | None = None) -> Iterator[QuarantinedRow]:
        """Yield the rows for which an expression is true, in order. Raises FileNotFoundError when they are deleted."""
        with stored_rows.opened(self.uri) as file:
            for batch in file.iter_batches(stored_rows.BATCH_ROWS):
                chosen = batch if where is None else batch.filter(pa.array(_true(where, batch)))
                yield from map(_row, chosen.to_pylist())


def find_quarantine(use_case: UseCase, version: str | None = None) -> Quarantine:
    """Return the quarantine of the latest validation, or of the latest one of a dataset version.

    `version` is a digest or its beginning, a tag, or `latest`. A version that did not pass its gate has one too. Raises
    MissingInput when there is none.
    """
    wanted = versions.find(use_case.name, version).digest if version else None
    uris = storage.newest(locations.validated_versions(use_case.name), REPORT, NEWEST if wanted else SAME_SECOND)
    reports = [(storage.get_json(uri), uri) for uri in uris]
    known = [(report["validated_at"], report["dataset"], uri) for report, uri in reports]
    if chosen := max((each for each in known if wanted in (None, each[1])), default=None):
        return Quarantine(chosen[1], chosen[2].replace(f"/{REPORT}", "/quarantine.parquet"))
    of = f" of version {wanted}" if wanted else ""
    raise MissingInput(
        f"{use_case.name}: expected a validation{of}, found none. Run it: vishwaops run validate --use-case "
        f"{use_case.name}" + (f", after vishwaops data checkout {wanted}" if wanted else "")
    )


def parse_where(use_case: UseCase, text: str | None) -> Expression | None:
    """Check an expression over the columns and FIELDS. Raises ConfigError."""
    if text is None:
        return None
    try:
        return parse(text, {**fields(use_case), **FIELDS}, "boolean")
    except ExpressionError as error:
        raise ConfigError(f"--where: {error}") from error


def _true(where: Expression, batch: pa.RecordBatch) -> np.ndarray:
    """Return the (n,) mask of the rows for which an expression is true; of `reason`, for one of their reasons."""
    columns = {name: batch[name] for name in where.names if name != REASON}
    if REASON not in where.names:
        return _truth(where, columns, len(batch))
    reasons = batch[REASONS]
    owners = np.repeat(np.arange(len(batch)), reasons.value_lengths().to_numpy())
    columns = {name: values.take(pa.array(owners)) for name, values in columns.items()}
    labels = pa.array([label_of(text) for text in reasons.flatten().to_pylist()], pa.string())
    chosen = np.zeros(len(batch), dtype=bool)
    chosen[owners[_truth(where, {**columns, REASON: labels}, len(owners))]] = True
    return chosen


def _truth(where: Expression, columns: Mapping[str, pa.Array], rows: int) -> np.ndarray:
    found = where.evaluate(columns, rows)
    truth: np.ndarray = np.asarray(found.data, dtype=bool) & ~np.asarray(found.null, dtype=bool)
    return truth


def label_of(reason: str) -> str:
    """Return what a reason begins with: a column, several, or `malformed row`."""
    return reason.partition(": ")[0]


def rule_of(reason: str) -> str:
    """Return a reason without what was found in its row."""
    return reason.partition(", found ")[0]


def _row(found: dict[str, Any]) -> QuarantinedRow:
    row, file, line, reasons = (found.pop(name) for name in (ROW, FILE, LINE, REASONS))
    return QuarantinedRow(found, row, file, line, tuple(reasons))


@dataclass
class ReasonCount:
    """The rows of one reason."""

    rows: int
    first: str
    """The place of the first one."""


def count_reasons(quarantine: Quarantine, where: Expression | None = None) -> tuple[int, dict[str, ReasonCount]]:
    """Return the number of quarantined rows, and each reason's, most frequent first."""
    rows, counts, firsts = 0, Counter[str](), dict[str, str]()
    for each in quarantine.rows(where):
        rows += 1
        for rule in {rule_of(reason) for reason in each.reasons}:
            counts[rule] += 1
            firsts.setdefault(rule, each.shown_place)
    return rows, {rule: ReasonCount(count, firsts[rule]) for rule, count in counts.most_common()}
