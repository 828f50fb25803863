"""Converts a source's batches to the types of a use case's columns, as `ingest` stores them."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa

from config.errors import SourceError
from config.use_case import UseCase
from tabular import plain_columns
from tabular.columns import texts_by_rules, typed_array
from tabular.formats import Format
from tabular.layouts import headerless_hint
from tabular.plain_cells import content_of, plain_values
from tabular.suggestions import listed
from tasks.model_contract import FILE, LINE, MALFORMED, STORED, TEXT, UNREAD, columns, with_marks
from tasks.rows import stored_rows
from tasks.rows.other_readings import OtherReadings
from tasks.sources.cells import UnusableColumn, cells
from tasks.sources.source import RESERVED, headers_of

TEXTS = pd.ArrowDtype(pa.large_string())
"""The pandas type of cells that are texts."""
ADDED = {UNREAD: "string", FILE: "string", LINE: "Int64", MALFORMED: "string", TEXT: "string"}
"""The columns after the use case's columns, with their pandas types."""


def stored_schema(use_case: UseCase) -> pa.Schema:
    """Return the schema of a dataset version."""
    own = {name: STORED[column.type] for name, column in use_case.columns.items()}
    return stored_rows.schema_of({**own, **ADDED})


class TypedRows:
    """Converts the batches of one source. Collects texts that do not fit their type, for `readings`."""

    def __init__(self, use_case: UseCase, source: str, format: Format) -> None:
        self._use_case, self._source = use_case, source
        self._known = with_marks(columns(use_case), format)
        self._schema = stored_schema(use_case)
        self.readings = OtherReadings(use_case, source)
        kinds = {name: plain_columns.plain_type(column) for name, column in self._known.items()}
        self._possible = {name: kind for name, kind in kinds.items() if kind is not None}
        self.plain = plain_columns.PlainColumns()
        """The columns that the source may convert, after the first batch."""

    def typed(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        """Convert n rows of a source, with its reserved columns, to n rows of the stored schema.

        Raises SourceError when a column of the use case is missing, or has nested values.
        """
        found = self._cells(raw)
        arrays, unread = [], dict[int, dict[str, str]]()
        for name, header in self._use_case.headers.items():
            if plain_columns.is_converted(raw.schema.field(header)):
                arrays.append(raw.column(header))
                continue
            column, texts = found[header], found[header] if isinstance(found[header], pa.Array) else None
            values, bad = typed_array(column, self._known[name]) if texts is None else self._typed_texts(name, texts)
            kind = self._schema.field(name).type
            arrays.append(values if values.type == kind else values.cast(kind))
            self.readings.add(name, texts, values, _note(name, column, bad, unread))
        self.plain.types = self._plain_types()
        added = [_as_json(unread, len(raw)), *map(raw.column, RESERVED.names)]
        arrays += [column.cast(self._schema.field(name).type) for name, column in zip(ADDED, added, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _typed_texts(self, name: str, texts: pa.Array) -> tuple[pa.Array, np.ndarray]:
        values = plain_values(texts, self._known[name])
        if values is not None:
            return values, np.zeros(len(texts), dtype=bool)
        if len(texts):
            self._possible.pop(name, None)
        return texts_by_rules(texts, self._known[name])

    def _plain_types(self) -> dict[str, pa.DataType]:
        """Return the types of the columns that have been plain so far, and of which no text is needed, by header."""
        headers = self._use_case.headers
        known = self._possible.items()
        return {headers[name]: kind for name, kind in known if not self.readings.needs_texts(name)}

    def _cells(self, raw: pa.RecordBatch) -> "dict[str, pa.Array | pd.Series]":
        """Return the cells of the use case's columns, by header: texts as large_string, others as pandas has them."""
        headers, found = list(self._use_case.headers.values()), headers_of(raw.schema)
        if missing := [header for header in headers if header not in found]:
            raise SourceError(
                f"{self._source}: lacks {len(missing)} column(s): expected {listed(missing)}; found {listed(found)}. "
                f"Add them, or correct `columns` of {self._use_case.name}{headerless_hint(found)}"
            )
        usable, unusable = dict[str, pa.Array | pd.Series](), dict[str, str]()
        for header in headers:
            try:
                if not plain_columns.is_converted(raw.schema.field(header)):
                    usable[header] = _usable(raw.column(header))
            except UnusableColumn as error:
                unusable[header] = str(error)
        if unusable:
            kinds = ", ".join(f"{header!r} of {kind}" for header, kind in unusable.items())
            raise SourceError(
                f"{self._source}: expected columns of single values, found {kinds}. Write them as numbers or texts"
            )
        return usable


def _usable(column: pa.Array) -> pa.Array | pd.Series:
    if pa.types.is_large_string(column.type) and content_of(column).isascii():
        return column  # no bytes of another encoding than UTF-8
    found = cells(column)
    return pa.chunked_array(pa.Array.from_pandas(found)).combine_chunks() if found.dtype == TEXTS else found


def _note(name: str, cells: pa.Array | pd.Series, bad: np.ndarray, unread: dict[int, dict[str, str]]) -> list[str]:
    """Note the texts of the cells that do not fit. Returns them."""
    if not bad.any():
        return []
    places = np.flatnonzero(bad)
    found = cells.take(pa.array(places)).to_pylist() if isinstance(cells, pa.Array) else cells.iloc[places]
    texts = [str(value) for value in found]
    for row, text in zip(places.tolist(), texts, strict=True):
        unread.setdefault(row, {})[name] = text
    return texts


def _as_json(unread: dict[int, dict[str, str]], count: int) -> pa.Array:
    """Return the (count,) texts of the column UNREAD."""
    if not unread:
        return pa.repeat(pa.scalar("", pa.string()), count)
    texts = np.full(count, "", dtype=object)
    for row, found in unread.items():
        texts[row] = json.dumps(found)
    return pa.array(texts, pa.string())
