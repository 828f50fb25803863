"""The features of a group as they were known at events."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from config.errors import SourceError
from config.sources.feature_store import GroupColumns
from tabular.columns import Column
from tabular.formats import Format
from tasks.feature_store import groups
from tasks.feature_store.as_known import History, Times, known_rows, rows_or_nulls
from tasks.feature_store.groups import Group
from tasks.feature_store.offline import history_of
from tasks.feature_store.records import identifiers
from tasks.sources.joins.parts import key_texts

DAY = 86_400_000_000
"""Microseconds."""
TYPES = {"Integral": "integer", "Fractional": "number", "String": "category"}


@dataclass(frozen=True)
class KnownFeatures:
    """The history of a group, and which of its features are read."""

    wanted: GroupColumns
    group: Group
    history: History
    values: pa.Table
    """The (m,) values of the features."""

    @classmethod
    def read(cls, wanted: GroupColumns) -> "KnownFeatures":
        """Read the history. Raises MissingInput without the group, and SourceError without one of the features."""
        group = groups.require(wanted.use_case, wanted.group)
        features = list(dict.fromkeys(wanted.columns.values()))
        return cls(wanted, group, *history_of(group, features, by_event_time=wanted.known == "event_time"))

    def at(self, identifiers: pa.Array, times: Times) -> dict[str, pa.Array]:
        """Return the (n,) columns of n events, null where nothing was known."""
        days = self.wanted.maximum_age_in_days
        rows = known_rows(identifiers, times, self.history, None if days is None else int(days * DAY))
        found = rows_or_nulls(self.values, rows)
        return {column: _whole(found.column(feature)) for column, feature in self.wanted.columns.items()}

    def identifiers_of(self, columns: Mapping[str, pa.Array], known: Mapping[str, Column], format: Format) -> pa.Array:
        """Return the (n,) identifiers of the key's columns, by their names in the source.

        `known` has the use case's columns. A key of one column that it does not have is read as the group's type.
        """
        kind = TYPES[self.group.features[self.group.identifier]]
        alone = Column("", kind) if len(columns) == 1 else None  # type: ignore[arg-type]
        texts = [key_texts(column, known.get(name, alone), format) for name, column in columns.items()]
        return identifiers(texts)


def with_columns(rows: pa.RecordBatch, added: Mapping[str, pa.Array], own: int, source: str) -> pa.RecordBatch:
    """Return rows with further columns after their `own` first ones. Raises SourceError when they have one already."""
    if twice := [name for name in added if name in rows.schema.names]:
        raise SourceError(
            f"{source}: expected no column that a feature group adds, found {twice[0]!r}. Give the feature another "
            f"name: source.groups: features: {{NAME: {twice[0]}}}"
        )
    names = [*rows.schema.names[:own], *added, *rows.schema.names[own:]]
    return pa.RecordBatch.from_arrays([*rows.columns[:own], *added.values(), *rows.columns[own:]], names=names)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)
