"""The ground truth of a use case in DuckDB: views over local copies of the batches. Large ones use temporary files."""
# ruff: noqa: S608  the names in queries are quoted

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from tasks import locations, storage
from tasks.ground_truth.batches import BatchList
from tasks.ground_truth.columns import GROUP, INFERENCE_ID, KEY, ORDER, ROW, TARGET, TIME
from tasks.rows.row_database import settings
from tasks.rows.sql_rules import columns, identifier, listed, literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

READERS = 16
"""The objects that are copied at the same time."""
GIVEN, LATEST = "given_truths", "latest_truths"
ROWS_OF_A_BATCH = 10_000_000_000
"""A row's place in time is its batch's number times this, plus its number in the batch."""

NOTHING = {
    INFERENCE_ID: "VARCHAR", ROW: "BIGINT", TIME: "TIMESTAMP", TARGET: "VARCHAR", "place": "BIGINT",
    "received": "TIMESTAMP",
}  # fmt: skip
"""The columns, with their types in SQL, of a use case without ground truth."""


class TruthDatabase:
    """Views over the batches of ground truth.

    - `given_truths`: all rows that were ever given, with `place`, their place in time, and `received`.
    - `latest_truths`: one row for each identity, (`inference_id`, `row`) or key and `time`, with the latest value.
      Its `received` is when the identity was given first.
    """

    def __init__(self, connection: "DuckDBPyConnection", names: Sequence[str]) -> None:
        self.connection = connection
        self.key = tuple(name for name in names if name.startswith(KEY))
        self.groups = tuple(name for name in names if name.startswith(GROUP))
        connection.execute(f"CREATE VIEW {LATEST} AS {self._latest()}")

    @property
    def identity(self) -> dict[str, str]:
        """The SQL of each column that identifies a truth: a row with an InferenceId needs no key."""
        by_key = {name: f"CASE WHEN {INFERENCE_ID} IS NULL THEN {identifier(name)} END" for name in (*self.key, TIME)}
        return {INFERENCE_ID: INFERENCE_ID, ROW: identifier(ROW), **by_key}

    def _latest(self) -> str:
        named = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in self.identity.items())
        last = ", ".join(f"arg_max({identifier(name)}, place) AS {identifier(name)}" for name in (TARGET, *self.groups))
        own = columns(self.identity)
        value = columns((TARGET, *self.groups))
        return (
            f"SELECT {own}, {last}, min(received) AS received, max(place) AS place "
            f"FROM (SELECT {named}, {value}, received, place FROM {GIVEN}) GROUP BY {own}"
        )

    def table(self, query: str) -> pa.Table:
        """Return the rows of a query."""
        found: pa.Table = self.connection.sql(query).to_arrow_table()
        return found

    def number(self, query: str) -> int:
        """Return the number that a query gives."""
        row = self.connection.execute(query).fetchone()
        return int(row[0] or 0) if row else 0


@contextmanager
def truth_database(use_case: str, known: BatchList, further: Path | None = None) -> Iterator[TruthDatabase]:
    """Open the ground truth of a use case. `further` is the file of a batch that is not in the list yet.

    The temporary folder is deleted at the end.
    """
    import duckdb  # takes half a second to import

    with TemporaryDirectory(prefix="vishwaops-") as place:
        folder = Path(place)
        files = _copied(use_case, known, folder)
        if further:
            files[len(known.batches)] = further
        with closing(duckdb.connect(config=settings(folder, ordered=False))) as connection:
            names = _create_given(connection, files, known)
            yield TruthDatabase(connection, names)


def _copied(use_case: str, known: BatchList, folder: Path) -> dict[int, Path]:
    """Copy the objects of the batches, and return their files by the batch's number."""
    wanted = {number: each.object for number, each in enumerate(known.batches) if each.object}
    files = {number: folder / f"{number}.parquet" for number in wanted}
    addresses = [locations.ground_truth_batch(use_case, name) for name in wanted.values()]
    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(storage.download, addresses, files.values()))
    return files


def _create_given(connection: "DuckDBPyConnection", files: dict[int, Path], known: BatchList) -> list[str]:
    """Create the view of all given rows, and return the names of its own columns."""
    if not files:
        nothing = ", ".join(f"CAST(NULL AS {kind}) AS {identifier(name)}" for name, kind in NOTHING.items())
        connection.execute(f"CREATE VIEW {GIVEN} AS SELECT {nothing} WHERE false")
        return [INFERENCE_ID, ROW, TIME, TARGET]
    names = list(dict.fromkeys(name for path in files.values() for name in pq.read_schema(path).names if name != ORDER))
    numbers = list(files)
    received = {number: each.received.astimezone(UTC).replace(tzinfo=None) for number, each in enumerate(known.batches)}
    connection.execute("CREATE TABLE arrived (filename VARCHAR, number BIGINT, received TIMESTAMP)")
    connection.executemany(
        "INSERT INTO arrived VALUES (?, ?, ?)",
        [(str(files[number]), number, received.get(number, datetime.max)) for number in numbers],
    )
    scanned = (
        f"read_parquet({listed(literal(str(path)) for path in files.values())}, union_by_name=true, filename=true)"
    )
    connection.execute(
        f"CREATE VIEW {GIVEN} AS SELECT {columns(names)}, number * {ROWS_OF_A_BATCH} + {ORDER} AS place, received "
        f"FROM {scanned} JOIN arrived USING (filename)"
    )
    return names
