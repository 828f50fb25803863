"""Gives the batches of several files the same columns, by rule."""

from collections.abc import Sequence
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from config.errors import SourceError
from tabular.suggestions import did_you_mean, listed
from tasks.progress import log
from tasks.sources.source import FILE_COLUMN, RESERVED, headers_of

Missing = Literal["refuse", "empty"]
Extra = Literal["leave_out", "refuse"]


class SameColumns:
    """The columns of the first file, and what happens to a file that has others."""

    def __init__(self, headers: Sequence[str], missing: Missing = "refuse", extra: Extra = "leave_out") -> None:
        """`headers` are the columns that are needed; without any, those of the first file are."""
        self._needed, self._missing, self._extra = list(headers), missing, extra
        self._schema = pa.schema([])
        self._checked = ""

    def aligned(self, batch: pa.RecordBatch, file: str) -> pa.RecordBatch:
        """Return the batch of a file with the first file's columns, in their order, and a file's name in each row.

        The name is `file`, unless the rows have the name of a file in it.

        Raises SourceError, with the file's name, when the rule refuses its columns.
        """
        if not self._checked:
            self._schema = self._columns(batch.schema)
        if file != self._checked:
            self._check(headers_of(batch.schema), file)
            self._checked = file
        found = set(batch.schema.names)
        columns = [
            batch[field.name] if field.name in found else pa.nulls(len(batch), field.type) for field in self._schema
        ]
        named = pa.repeat(pa.scalar(file, pa.large_string()), len(batch))
        reserved = [pc.coalesce(batch[name], named) if name == FILE_COLUMN else batch[name] for name in RESERVED.names]
        names = [*self._schema.names, *RESERVED.names]
        return pa.RecordBatch.from_arrays([*columns, *reserved], names=names)

    def _columns(self, first: pa.Schema) -> pa.Schema:
        names = headers_of(first)
        later = [name for name in self._needed if name not in names] if self._missing == "empty" else []
        return pa.schema([*map(first.field, names), *(pa.field(name, pa.large_string()) for name in later)])

    def _check(self, found: Sequence[str], file: str) -> None:
        needed = self._needed or self._schema.names
        missing = [name for name in needed if name not in found]
        if missing and self._missing == "refuse":
            near = did_you_mean(missing[0], set(found) - set(needed))
            raise SourceError(
                f"{file}: lacks {len(missing)} column(s): expected {listed(missing)}{near}; found {listed(found)}"
            )
        extra = [name for name in found if name not in self._schema.names and name not in self._needed]
        if extra and self._extra == "refuse":
            raise SourceError(f"{file}: expected the columns {listed(self._schema.names)}; found also {listed(extra)}")
        for what, names in (("columns left out", extra), ("columns that are empty", missing)):
            if names:
                log.info("          %s: %s: %s", file, what, listed(names))
