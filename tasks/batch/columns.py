"""The columns of rows to score: those that a source must have, and those that it may have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from config.use_case import UseCase
from tabular.columns import Column
from tabular.formats import USUAL, Format
from tasks.model_contract import FILE, LINE, STORED, TEXT, with_marks
from tasks.rows import stored_rows
from tasks.rows.input_rows import INPUT_ROW, require_features
from tasks.rows.quarantine import REASONS
from tasks.rows.typed_rows import ADDED


@dataclass(frozen=True)
class ScoringColumns:
    """The columns that are read from one source."""

    known: Mapping[str, Column]
    """By name, in order: the key, the columns of requests, and those that the target is computed from."""
    headers: Mapping[str, str]
    """Their names in the source."""
    required: frozenset[str]
    """The columns whose values must fit: a row without a readable target is scored."""
    has_target: bool
    """Whether the source has all columns that the target is computed from."""

    @cached_property
    def typed(self) -> pa.Schema:
        """The schema of typed rows."""
        return stored_rows.schema_of({**self.kinds, **ADDED})

    @cached_property
    def shard(self) -> pa.Schema:
        """The schema of a shard: row number, file, line, and the columns."""
        return stored_rows.schema_of({INPUT_ROW: "int64", FILE: "string", LINE: "Int64", **self.kinds})

    @cached_property
    def quarantine(self) -> pa.Schema:
        """The schema of rows that were not scored: every cell as text."""
        texts = dict.fromkeys(self.known, "string")
        plain = stored_rows.schema_of({INPUT_ROW: "int64", FILE: "string", LINE: "Int64", **texts, TEXT: "string"})
        return plain.append(pa.field(REASONS, pa.list_(pa.string())))

    @property
    def kinds(self) -> dict[str, str]:
        """The pandas types of the columns."""
        return {name: STORED[column.type] for name, column in self.known.items()}


def columns_of(use_case: UseCase, found: Sequence[str], format: Format, source: str) -> ScoringColumns:
    """Return the columns to read from a source with the headers `found`. Raises SourceError when it lacks a feature."""
    require_features(use_case, found, source)
    there = {name for name, header in use_case.headers.items() if header in found}
    target = [name for name in use_case.columns if name in use_case.target_sources]
    key = [name for name in use_case.key if name in there]
    wanted = [*key, *use_case.request_columns, *(target if there.issuperset(target) else ())]
    return named(use_case, list(dict.fromkeys(wanted)), format)


def named(use_case: UseCase, names: Sequence[str], format: Format = USUAL) -> ScoringColumns:
    """Return these columns of a use case."""
    marked = with_marks(use_case.split_columns, format)
    return ScoringColumns(
        known={name: marked[name] for name in names},
        headers={name: use_case.headers.get(name, name) for name in names},
        required=frozenset(names) & {*use_case.key, *use_case.request_columns},
        has_target=use_case.target_sources <= set(names),
    )
