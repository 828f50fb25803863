"""Input rows of predictions, batch by batch: reads them from a location and checks them as the endpoint does."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from config.errors import SourceError
from config.use_case import UseCase
from tabular.checks import check
from tabular.formats import USUAL, Format
from tabular.layouts import headerless_hint
from tabular.source_cells import UnusableColumn, cells
from tabular.suggestions import MOST_LISTED, listed, similar
from tasks.model_contract import with_marks
from tasks.rows import stored_rows
from tasks.rows.answer_columns import INPUT_ROW
from tasks.sources import open_source
from tasks.sources.source import RESERVED, headers_of
from tasks.sources.with_windows import with_windows

__all__ = ["INPUT_ROW", "InputRows", "check_rows", "quarantine_schema", "quarantined", "read_rows", "require_features"]


@dataclass(frozen=True)
class InputRows:
    """Some rows of a source, in its order."""

    raw: pd.DataFrame
    """(n, key and features) cells by the schema's names, missing for malformed rows. The index is the row number."""
    lines: pd.Series
    """(n,) the line on which each row begins; missing for a source without lines."""
    malformed: pd.Series
    """(n,) why a row is malformed; missing for other rows."""
    texts: pd.Series
    """(n,) the text of a malformed row; missing for other rows."""
    format: Format = USUAL
    """The format of the source."""

    def place(self, row: int) -> str:
        """Return the line or the number of a row, as messages show it."""
        line = self.lines[row]
        return f"row {row}" if pd.isna(line) else f"line {line}"


def read_rows(use_case: UseCase, location: str) -> Iterator[InputRows]:
    """Read the key and the features of the rows at `location`. Raises SourceError when a feature is missing.

    Windows that the rows lack are computed from the stored history.
    """
    opened = open_source(use_case.source, location, use_case.name, list(use_case.headers.values()))
    source = with_windows(use_case, opened)
    first = 0
    for batch in source.batches():
        numbers = pd.RangeIndex(first, first + len(batch))
        raw = pd.DataFrame(_cells(use_case, batch, source.describe()), index=range(len(batch))).set_axis(numbers)
        _, lines, malformed, texts = (
            batch[name].to_pandas(integer_object_nulls=True).set_axis(numbers) for name in RESERVED.names
        )
        yield InputRows(raw, lines, malformed, texts, source.format)
        first += len(batch)


def _cells(use_case: UseCase, batch: pa.RecordBatch, source: str) -> dict[str, pd.Series]:
    """Return the cells of the key and the features. Columns of the key are optional."""
    headers, found = use_case.headers, headers_of(batch.schema)
    usable, unusable = dict[str, pd.Series](), dict[str, str]()
    for name in dict.fromkeys((*use_case.key, *use_case.request_columns)):
        if (header := headers.get(name, name)) in found:
            try:
                usable[name] = cells(batch.column(header))
            except UnusableColumn as error:
                unusable[header] = str(error)
    require_features(use_case, found, source, unusable)
    return usable


def require_features(
    use_case: UseCase, found: Sequence[str], source: str, unusable: Mapping[str, str] | None = None
) -> None:
    """Check that a source with the headers `found` has all features.

    `unusable` has what columns hold that can't be used, by header. Raises SourceError when a feature is missing.
    """
    headers, unusable = use_case.headers, unusable or {}
    needed = [headers.get(name, name) for name in use_case.request_columns]
    if absent := [header for header in needed if header not in found or header in unusable]:
        others = {*found} - {*headers.values()}
        notes = "".join(_note(use_case, header, unusable, others) for header in absent[:MOST_LISTED])
        expected = f"expected {listed(absent)}; found {listed(found) or 'no column'}{notes}"
        raise SourceError(f"{source}: lacks {len(absent)} feature(s): {expected}{headerless_hint(found)}")


def _note(use_case: UseCase, header: str, unusable: Mapping[str, str], others: Collection[str]) -> str:
    """What a message adds about a column that can't be used, is a window, or that another one may be meant for."""
    if header not in unusable and (window := use_case.windows.get(header)):
        wanted = ", ".join(use_case.headers[name] for name in window.needed)
        return f"; {header!r} is a window: give its value, or the columns {wanted} to compute it from the history"
    if header in unusable:
        return f"; {header!r} holds {unusable[header]}"
    return f"; {header!r} is absent, but there is {near!r}" if (near := similar(header, others)) else ""


def check_rows(use_case: UseCase, rows: InputRows) -> tuple[pd.DataFrame, dict[int, list[str]]]:
    """Check the rows against the schema.

    Returns the typed good rows, indexed by number, and the reasons of the other rows by number.
    """
    known = with_marks(use_case.split_columns, rows.format)
    malformed = rows.malformed.notna()
    reasons = {int(row): [reason] for row, reason in rows.malformed[malformed].items()}
    checked = check(rows.raw[~malformed], [known[str(name)] for name in rows.raw])
    for problem in checked.problems():
        reasons.setdefault(problem.row, []).append(problem.text())
    return checked.frame[~checked.bad_rows], reasons


def quarantine_schema(kept: Sequence[str]) -> pa.Schema:
    """Return the schema of quarantined rows: number, line, the `kept` cells or the whole line as text, and reasons."""
    names = dict.fromkeys(kept, "string")
    plain = stored_rows.schema_of({INPUT_ROW: "int64", "line": "Int64", **names, "text": "string"})
    return plain.append(pa.field("reasons", pa.list_(pa.string())))


def quarantined(rows: InputRows, reasons: Mapping[int, Sequence[str]], schema: pa.Schema) -> pa.RecordBatch:
    """Return the rows that have reasons, in `quarantine_schema`."""
    order = sorted(reasons)
    found = {
        INPUT_ROW: order,
        "line": [None if pd.isna(line) else int(line) for line in rows.lines[order]],
        **{str(name): [_text(value) for value in rows.raw.loc[order, name].astype(object)] for name in rows.raw},
        "text": [None if pd.isna(text) else text for text in rows.texts[order]],
        "reasons": [reasons[row] for row in order],
    }
    return pa.RecordBatch.from_arrays([pa.array(found[field.name], field.type) for field in schema], schema=schema)


def _text(value: object) -> str | None:
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)
