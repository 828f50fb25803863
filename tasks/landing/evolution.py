"""Which changes of a use case's columns its table takes: added, widened and renamed ones. Others are refused.

| change of the use case | change of the table |
|---|---|
| a new column | added; earlier rows have nulls |
| a column is removed | none: the table keeps it; later rows have nulls |
| `integer` becomes `number` | widened: a new column of the same name, for Iceberg can't promote a long to a double |
| another name, with the same header and type | renamed |
| another name, with the same header and another type | added; the table keeps the old one |
| any other type | refused |
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyiceberg.schema import Schema
from pyiceberg.table.update.schema import UpdateSchema
from pyiceberg.types import NestedField

from config.errors import ConfigError
from tasks.landing.columns import KINDS, StoredColumn, kind_of


@dataclass(frozen=True)
class Changes:
    """What a table needs before it takes rows of these columns."""

    columns: tuple[StoredColumn, ...]
    added: tuple[StoredColumn, ...] = ()
    widened: tuple[StoredColumn, ...] = ()
    renamed: tuple[tuple[str, StoredColumn], ...] = ()
    """Each with its name in the table."""

    def __bool__(self) -> bool:
        return bool(self.added or self.widened or self.renamed)

    def apply(self, update: UpdateSchema) -> None:
        """Add the changes to an update of the table's schema."""
        for before, column in self.renamed:
            update.rename_column(before, column.name)
        for column in self.widened:
            update.delete_column(column.name)
        for column in (*self.widened, *self.added):
            update.add_column(column.name, KINDS[column.kind][0], doc=column.header)

    def described(self) -> str:
        """The changes in one line."""
        parts = [f"{column.name} added" for column in self.added]
        parts += [f"{column.name} widened to {column.kind}" for column in self.widened]
        return ", ".join(parts + [f"{before} renamed to {column.name}" for before, column in self.renamed])


def new_schema(columns: Sequence[StoredColumn]) -> Schema:
    """Return the schema of a new table. A column's comment is its header."""
    fields = [
        NestedField(number, column.name, KINDS[column.kind][0], required=False, doc=column.header)
        for number, column in enumerate(columns, 1)
    ]
    return Schema(*fields)


def changes(use_case: str, table: Schema, columns: Sequence[StoredColumn]) -> Changes:
    """Return the changes that a table needs for rows of these columns.

    Raises ConfigError, which names each column whose type the table can't take, what it has, and what to do.
    """
    known = {field.name: field for field in table.fields}
    renamed = _renamed(known, columns)
    before = {column.name: name for name, column in renamed}
    added, widened, refused = [], [], []
    for column in columns:
        field = known.get(before.get(column.name, column.name))
        kind = kind_of(field.field_type) if field else None
        if kind is None:
            added.append(column)
        elif (kind, column.kind) == ("integer", "number"):
            widened.append(column)
        elif kind != column.kind:
            refused.append(f"{column.name}: the table has {kind}, the use case {column.kind}")
    if refused:
        raise _refusal(use_case, refused)
    return Changes(tuple(columns), tuple(added), tuple(widened), tuple(renamed))


def _renamed(known: dict[str, NestedField], columns: Sequence[StoredColumn]) -> list[tuple[str, StoredColumn]]:
    """Return the columns that the table has under another name, by their header and type."""
    named = {column.name for column in columns}
    free = {(field.doc, kind_of(field.field_type)): name for name, field in known.items() if name not in named}
    new = [column for column in columns if column.name not in known]
    return [(free[column.header, column.kind], column) for column in new if (column.header, column.kind) in free]


def _refusal(use_case: str, refused: Sequence[str]) -> ConfigError:
    return ConfigError(
        f"{use_case}: columns: expected columns that the dataset's table can take, found {len(refused)} of another "
        f"type: {'; '.join(refused)}. A column may be added, renamed (same `header`) or widened from integer to "
        "number. Restore the type; or give the column another name, with its name in the source as `header`, and the "
        "table keeps both; or give the use case another name, which begins a new table"
    )
