"""Converts a source's batches to the types of columns: the same code on one machine and in each task of Spark."""

import json
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from tabular import plain_columns
from tabular.columns import Column
from tabular.formats import FormatError
from tabular.layouts import headerless_hint
from tabular.plain_cells import content_of, plain_values
from tabular.raw_batches import RESERVED, headers_of
from tabular.series import typed_array
from tabular.source_cells import UnusableColumn, cells
from tabular.suggestions import listed
from tabular.typed_cells import texts_by_rules

TEXTS = pd.ArrowDtype(pa.large_string())
"""The pandas type of cells that are texts."""
Note = Callable[[str, "pa.Array | None", pa.Array, list[str]], None]
"""Takes a column's name, its (n,) cells if they are texts, its (n,) typed values, and the texts that do not fit."""


def _always(name: str) -> bool:
    return True


class TypedBatches:
    """Converts batches to rows of one schema: the columns, then the unread cells and the reserved columns."""

    def __init__(self, columns: Mapping[str, Column], headers: Mapping[str, str], schema: pa.Schema) -> None:
        """`columns` have the marks of the file's format. `headers` has the name of each in the source."""
        self._columns, self._headers, self._schema = columns, headers, schema
        kinds = {name: plain_columns.plain_type(column) for name, column in columns.items()}
        self._possible = {name: kind for name, kind in kinds.items() if kind is not None}
        self.plain = plain_columns.PlainColumns()
        """The columns that the source may convert, after the first batch."""

    def typed(self, raw: pa.RecordBatch, note: Note, needs_texts: Callable[[str], bool] = _always) -> pa.RecordBatch:
        """Convert n rows of a source, with its reserved columns, to n rows of the schema.

        `note` is called for each column that the source has not converted, and `needs_texts` tells whether it needs the
        texts of a column in the next batches. Raises FormatError when a column is missing, or has nested values.
        """
        found = self._cells(raw)
        arrays, unread = [], dict[int, dict[str, str]]()
        for name, header in self._headers.items():
            if plain_columns.is_converted(raw.schema.field(header)):
                arrays.append(raw.column(header))
                continue
            column, texts = found[header], found[header] if isinstance(found[header], pa.Array) else None
            values, bad = typed_array(column, self._columns[name]) if texts is None else self._typed_texts(name, texts)
            kind = self._schema.field(name).type
            arrays.append(values if values.type == kind else values.cast(kind))
            note(name, texts, values, _noted(name, column, bad, unread))
        possible = self._possible.items()
        self.plain.types = {self._headers[name]: kind for name, kind in possible if not needs_texts(name)}
        added = [_as_json(unread, len(raw)), *map(raw.column, RESERVED.names)]
        fields = list(self._schema)[len(arrays) :]
        arrays += [column.cast(field.type) for field, column in zip(fields, added, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _typed_texts(self, name: str, texts: pa.Array) -> tuple[pa.Array, np.ndarray]:
        values = plain_values(texts, self._columns[name])
        if values is not None:
            return values, np.zeros(len(texts), dtype=bool)
        if len(texts):
            self._possible.pop(name, None)  # it has not been plain once: the rules read its next texts too
        return texts_by_rules(texts, self._columns[name])

    def _cells(self, raw: pa.RecordBatch) -> "dict[str, pa.Array | pd.Series]":
        """Return the cells of the columns, by header: texts as large_string, others as pandas has them."""
        headers, found = list(self._headers.values()), headers_of(raw.schema)
        if missing := [header for header in headers if header not in found]:
            raise FormatError(
                f"lacks {len(missing)} column(s): expected {listed(missing)}; found {listed(found)}. "
                f"Add them, or correct `columns` of the use case{headerless_hint(found)}"
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
            raise FormatError(f"expected columns of single values, found {kinds}. Write them as numbers or texts")
        return usable


def _usable(column: pa.Array) -> pa.Array | pd.Series:
    if pa.types.is_large_string(column.type) and content_of(column).isascii():
        return column  # no bytes of another encoding than UTF-8
    found = cells(column)
    return pa.chunked_array(pa.Array.from_pandas(found)).combine_chunks() if found.dtype == TEXTS else found


def _noted(name: str, cells: pa.Array | pd.Series, bad: np.ndarray, unread: dict[int, dict[str, str]]) -> list[str]:
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
