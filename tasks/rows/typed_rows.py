"""Converts a source's batches to the types of a use case's columns, as `ingest` stores them."""

import pyarrow as pa

from config.errors import SourceError
from config.use_case import UseCase
from tabular.formats import Format, FormatError
from tabular.plain_columns import PlainColumns
from tabular.typed_batches import TypedBatches
from tasks.model_contract import FILE, LINE, MALFORMED, STORED, TEXT, UNREAD, columns, with_marks
from tasks.rows import stored_rows
from tasks.rows.other_readings import OtherReadings

ADDED = {UNREAD: "string", FILE: "string", LINE: "Int64", MALFORMED: "string", TEXT: "string"}
"""The columns after the use case's columns, with their pandas types."""


def stored_schema(use_case: UseCase) -> pa.Schema:
    """Return the schema of a dataset version."""
    own = {name: STORED[column.type] for name, column in use_case.columns.items()}
    return stored_rows.schema_of({**own, **ADDED})


class TypedRows:
    """Converts the batches of one source. Collects texts that do not fit their type, for `readings`."""

    def __init__(self, use_case: UseCase, source: str, format: Format) -> None:
        known = with_marks(columns(use_case), format)
        self._source = source
        self._typing = TypedBatches(known, use_case.headers, stored_schema(use_case))
        self.readings = OtherReadings(use_case, source)

    @property
    def plain(self) -> PlainColumns:
        """The columns that the source may convert, after the first batch."""
        return self._typing.plain

    def typed(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        """Convert n rows of a source, with its reserved columns, to n rows of the stored schema.

        Raises SourceError when a column of the use case is missing, or has nested values.
        """
        try:
            return self._typing.typed(raw, self.readings.add, self.readings.needs_texts)
        except FormatError as error:
            raise SourceError(f"{self._source}: {error}") from error
