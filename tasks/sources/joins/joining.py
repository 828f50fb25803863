"""Reads the parts of a join one after the other, and adds each to the rows so far."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from config.errors import SourceError
from config.sources import JoinedSource
from config.sources.joined import Join
from tabular.columns import Column
from tabular.suggestions import did_you_mean
from tasks.progress import log
from tasks.sources.databases.statements import quoted
from tasks.sources.joins import queries
from tasks.sources.joins.parts import ROW, Key, Part, Stored
from tasks.sources.source import BATCH_ROWS, REASON_COLUMN, RESERVED, Source

MEMORY_LIMIT = "512MB"
"""DuckDB's own: what does not fit is written to the temporary folder."""
SHOWN_KEYS = 3


class Joining:
    """One read of a join. `known` has the use case's columns by header; `folder` is for temporary files."""

    def __init__(
        self, source: JoinedSource, opened: Callable[[Any], Source], known: Mapping[str, Column], folder: Path
    ) -> None:
        self._source, self._opened, self._known, self._folder = source, opened, known, folder
        self._base = opened(source.base)
        self._names: list[str] = []
        """The columns so far."""
        self._keys: set[str] = set()
        """The keys whose texts the rows so far have."""
        self._view = ""
        self._duckdb = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(folder)})
        self._duckdb.execute("SET preserve_insertion_order = false")  # ORDER BY decides
        self._duckdb.execute("SET TimeZone = 'UTC'")

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the joined rows, in the order of the base. Its cells are as its source has them."""
        with self._duckdb:
            base = self._read_base()
            for number, join in enumerate(self._source.joins):
                self._add(number, join)
            added = self._names[len(base.names) :]
            columns = ", ".join(map(quoted, [ROW, *added]))
            rows = self._duckdb.sql(f"SELECT {columns} FROM {self._view} ORDER BY {quoted(ROW)}")
            yield from _beside(base, rows.to_arrow_reader(BATCH_ROWS), added)

    def _read_base(self) -> Stored:
        keys = {name: Key(name, self._known.get(name), needed=False) for name in self._later(0)}
        part = Part(self._base, keys, self._known, self._base.format, malformed_is_error=False)
        stored = part.store(self._folder / "base.parquet")
        self._names, self._keys = list(stored.names), set(stored.keys)
        needed = ", ".join([quoted(ROW), quoted(REASON_COLUMN), *map(queries.key, stored.keys)])
        self._show(0, f"SELECT {needed} FROM {queries.rows_of(stored.path)}")
        return stored

    def _add(self, number: int, join: Join) -> None:
        source = self._opened(join.source)
        self._require_keys(join, source)
        stored = self._store(number, join, source)
        added = self._added(join, stored, source)
        self._refuse_clashes([*added, *(join.aggregate or {})], source)
        self._check(join, stored, source)
        keys = [] if join.aggregate else [name for name in stored.keys if name in added]
        selected = queries.part(join, stored.path, added, keys, source.format)
        names = list(join.aggregate or added)
        self._show(number + 1, queries.joined(join, self._view, selected, names, keys))
        self._names += names
        self._keys |= set(keys)

    def _store(self, number: int, join: Join, source: Source) -> Stored:
        keys = {name: Key(column, self._known.get(name)) for name, column in join.key_columns.items()}
        for name in self._later(number + 1) - self._keys:
            if name.startswith(join.prefix) and name not in keys:
                keys[name] = Key(name.removeprefix(join.prefix), self._known.get(name), needed=False)
        types = {} if join.aggregate else {
            header.removeprefix(join.prefix): column for header, column in self._known.items()
            if header.startswith(join.prefix)
        }  # fmt: skip
        part = Part(
            source, keys, types, source.format if join.aggregate else self._base.format, malformed_is_error=True
        )
        return part.store(self._folder / f"part-{number}.parquet")

    def _later(self, number: int) -> set[str]:
        """Return the names of the keys that the joins from this number on need in the rows so far."""
        return {name for join in self._source.joins[number:] for name in join.key_columns}

    def _show(self, number: int, select: str) -> None:
        self._view = f"rows_{number}"
        self._duckdb.execute(f"CREATE VIEW {self._view} AS {select}")

    def _require_keys(self, join: Join, source: Source) -> None:
        for name in join.key_columns:
            if name not in self._keys:
                raise SourceError(
                    f"{source.describe()}: on: expected columns of the rows so far, found {name!r}"
                    f"{did_you_mean(name, self._names)}. They have {', '.join(self._names)}"
                )

    def _added(self, join: Join, stored: Stored, source: Source) -> dict[str, str]:
        """Return the part's column by its name in the joined rows. Raises SourceError for columns it does not have."""
        named = {each.of for each in (join.aggregate or {}).values() if each.of} | set(join.columns or ())
        if missing := sorted(named - set(stored.names)):
            raise SourceError(
                f"{source.describe()}: expected the columns {', '.join(map(repr, missing))}, found "
                f"{', '.join(stored.names)}"
            )
        if join.aggregate:
            return {}
        columns = join.columns or [name for name in stored.names if name not in join.key_columns.values()]
        return {f"{join.prefix}{column}": column for column in columns}

    def _refuse_clashes(self, added: list[str], source: Source) -> None:
        if twice := sorted(set(added) & set(self._names)):
            raise SourceError(
                f"{source.describe()}: expected names that the rows so far do not have, found "
                f"{', '.join(map(repr, twice))} again. Set `prefix`, or list in `columns` what to add"
            )

    def _check(self, join: Join, stored: Stored, source: Source) -> None:
        """Refuse several matches, unmatched rows where that is configured, and texts that can't be aggregated."""
        for name, query in queries.unread(join, stored.path, source.format).items():
            if found := self._duckdb.execute(query).fetchmany(SHOWN_KEYS):
                shown = ", ".join(repr(text) for (text,) in found)
                raise SourceError(f"{source.describe()}: expected numbers in {name!r} to aggregate, found {shown}")
        if not join.aggregate:
            self._refuse_several(join, stored, source)
        self._count_unmatched(join, stored, source)

    def _refuse_several(self, join: Join, stored: Stored, source: Source) -> None:
        query = queries.several(join, self._view, stored.path)
        (count,) = self._duckdb.execute(f"SELECT count(*) FROM ({query})").fetchall()[0]
        if count:
            rows = self._duckdb.execute(query).fetchmany(SHOWN_KEYS)
            shown = "; ".join(f"{_values(join, row)}: {row[-1]} rows" for row in rows)
            raise SourceError(
                f"{source.describe()}: expected at most one row for each key, found several for {count:,} keys: "
                f"{shown}. Add a column to `on`, or set `aggregate`"
            )

    def _count_unmatched(self, join: Join, stored: Stored, source: Source) -> None:
        query = queries.unmatched(join, self._view, stored.path)
        (count,) = self._duckdb.execute(f"SELECT count(*) FROM ({query})").fetchall()[0]
        if not count:
            return
        shown = "; ".join(_values(join, row) for row in self._duckdb.execute(query).fetchmany(SHOWN_KEYS))
        if join.unmatched == "refuse":
            raise SourceError(
                f"{source.describe()}: expected a row for each key, found none for {count:,} rows: {shown}. Correct "
                "the data, or set `unmatched: accept`"
            )
        fate = "left out" if join.how == "inner" else "kept, with missing values"
        log.info("          %s: %s rows match none and are %s: %s", source.describe(), f"{count:,}", fate, shown)


def _beside(base: Stored, added: Iterable[pa.RecordBatch], names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the base whose numbers `added` has, in order, with the columns `names` of `added`."""
    left = iter(added)
    batch, begin = next(left, None), 0
    file = pq.ParquetFile(base.path)
    for rows in file.iter_batches(BATCH_ROWS, columns=[*base.names, *RESERVED.names]):
        while batch is not None:
            there = batch.slice(0, pc.sum(pc.less(batch[ROW], begin + len(rows)), min_count=0).as_py())
            if len(there):
                yield _with(rows.take(pc.subtract(there[ROW], begin)), there, base.names, names)
            if len(there) < len(batch):
                batch = batch.slice(len(there))
                break
            batch = next(left, None)
        begin += len(rows)


def _with(own: pa.RecordBatch, added: pa.RecordBatch, base: Sequence[str], names: Sequence[str]) -> pa.RecordBatch:
    reserved = [own.column(field.name).cast(field.type) for field in RESERVED]
    columns = [*(own.column(name) for name in base), *(added.column(name) for name in names), *reserved]
    return pa.RecordBatch.from_arrays(columns, names=[*base, *names, *RESERVED.names])


def _values(join: Join, row: tuple[Any, ...]) -> str:
    found = zip(join.key_columns, row, strict=False)  # further values may follow
    return ", ".join(f"{name} {'is missing' if text is None else text}" for name, text in found)
