"""Incremental reads of a real PostgreSQL: rows that are committed late are neither missed nor read twice."""

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pytest
from adbc_driver_manager.dbapi import Connection

from config.errors import SourceError
from config.sources import SqlSource
from tasks.sources import open_source
from tasks.sources.databases import postgresql_borders
from tasks.sources.databases.connections import Connection as Address
from tasks.sources.databases.postgresql import session
from tasks.sources.source import Incremental, Position
from tests.patience import until
from tests.postgresql import PASSWORD, READER, connected, run, url
from tests.source_rows import gathered

WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%virtualtransaction IN%' AND pid <> pg_backend_pid()"""
COLUMNS = "id bigserial, at timestamptz DEFAULT now(), local timestamp DEFAULT now(), text text"


def growing(address: str, table: str, watermark: str, **keys: Any) -> Incremental:
    configured = SqlSource(kind="sql", connection=address, table=table, watermark=watermark, **keys)
    opened = open_source(configured, None, "small_one")
    assert isinstance(opened, Incremental)
    return opened


def read(source: Incremental, position: Position | None = None) -> tuple[list[str], Position]:
    """The texts of the rows after a position, and the position after them."""
    after = source.after(position)
    return gathered(after)["text"].to_pylist(), after.position()


@contextmanager
def transaction(address: str, *statements: str) -> Iterator[Connection]:
    """A transaction that has run statements and is still in progress. The end of the `with` ends it."""
    with connected(address) as made:
        run(made, "BEGIN", *statements)
        yield made


@pytest.mark.parametrize("watermark", ["at", "local"])
def test_a_row_that_is_committed_late_lands_with_the_next_read(
    watermark: str, database: str, owner: Connection
) -> None:
    table = f"late_{watermark}"
    run(owner, f"CREATE TABLE {table} ({COLUMNS})", f"INSERT INTO {table} (text) VALUES ('a')")
    source = growing(database, table, watermark)
    with transaction(database, "SELECT now()") as late:  # its clock is read, and nothing is written yet
        run(owner, f"INSERT INTO {table} (text) VALUES ('c')")
        first, position = read(source)
        run(late, f"INSERT INTO {table} (text) VALUES ('b')", "COMMIT")
    assert first == ["a"]
    second, position = read(source, position)
    assert second == ["b", "c"]
    assert read(source, position)[0] == []


def test_an_integer_is_read_when_the_transactions_that_write_have_ended(database: str, owner: Connection) -> None:
    run(owner, f"CREATE TABLE numbers ({COLUMNS})", "INSERT INTO numbers (text) VALUES ('a')")
    source = growing(database, "numbers", "id")
    found = list[tuple[list[str], Position]]()
    with transaction(database, "INSERT INTO numbers (text) VALUES ('b')") as late:
        run(owner, "INSERT INTO numbers (text) VALUES ('c')")
        reading = threading.Thread(target=lambda: found.append(read(source)))
        reading.start()
        until(lambda: found or _answer(owner, WAITING))
        run(late, "COMMIT")
        reading.join()
    rows, position = found[0]
    assert rows == ["a", "b", "c"]
    run(owner, "INSERT INTO numbers (text) VALUES ('d')")
    assert read(source, position)[0] == ["d"]


def test_a_transaction_that_does_not_end_is_reported_and_nothing_is_read(
    database: str, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_borders, "WAIT_SECONDS", 0.1)
    run(owner, f"CREATE TABLE held ({COLUMNS})", "INSERT INTO held (text) VALUES ('a')")
    with (
        transaction(database, "INSERT INTO held (text) VALUES ('b')"),
        pytest.raises(SourceError, match=r"expected the 1 transactions .* to end within 0\.1 seconds"),
    ):
        read(growing(database, "held", "id"))
    with transaction(database, "SELECT now()"):
        assert read(growing(database, "held", "id"))[0] == ["a"]  # a reader alone does not hold it up


def test_transactions_of_other_roles_are_waited_for_where_their_start_is_hidden(
    postgresql: str, database: str, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_borders, "WAIT_SECONDS", 0.1)
    run(owner, f"CREATE TABLE hidden ({COLUMNS})", "INSERT INTO hidden (text) VALUES ('a')")
    name = database.partition("@/")[2].partition("?")[0]
    monkeypatch.setenv("VISHWAOPS_TEST_PASSWORD", PASSWORD.replace("/", "%2F").replace("@", "%40").replace("?", "%3F"))
    reader = growing(url(postgresql, name, READER, "${VISHWAOPS_TEST_PASSWORD}"), "hidden", "at")
    assert read(reader)[0] == ["a"]
    with transaction(database, "SELECT now()"), pytest.raises(SourceError, match="a role with pg_read_all_stats"):
        read(reader)


def test_a_prepared_transaction_is_waited_for(
    database: str, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_borders, "WAIT_SECONDS", 0.1)
    run(owner, f"CREATE TABLE two_phases ({COLUMNS})", "INSERT INTO two_phases (text) VALUES ('a')")
    with transaction(database, "INSERT INTO two_phases (text) VALUES ('b')", "PREPARE TRANSACTION 'held'"):
        for watermark in ("at", "id"):
            with pytest.raises(SourceError, match="expected the 1 transactions"):
                read(growing(database, "two_phases", watermark))
    run(owner, "COMMIT PREPARED 'held'")
    assert read(growing(database, "two_phases", "at"))[0] == ["a", "b"]


def test_partitions_of_a_table_are_waited_for(
    database: str, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_borders, "WAIT_SECONDS", 0.1)
    run(owner, "CREATE TABLE parts (id int, text text) PARTITION BY RANGE (id)",
        "CREATE TABLE first_part PARTITION OF parts FOR VALUES FROM (0) TO (100)",
        "CREATE VIEW of_parts AS SELECT * FROM parts", "INSERT INTO parts VALUES (1, 'a')")  # fmt: skip
    with (
        transaction(database, "INSERT INTO first_part VALUES (2, 'b')"),
        pytest.raises(SourceError, match="expected the 1 transactions"),
    ):
        read(growing(database, "of_parts", "id"))


def test_lag_leaves_recent_rows_for_later_and_looks_at_no_transaction(database: str, owner: Connection) -> None:
    run(owner, f"CREATE TABLE lagging ({COLUMNS})",
        "INSERT INTO lagging (at, text) VALUES (now() - interval '2 hours', 'a')",
        "INSERT INTO lagging (at, text) VALUES (now() - interval '1 minute', 'b')")  # fmt: skip
    with transaction(database, "INSERT INTO lagging (text) VALUES ('c')"):
        first, position = read(growing(database, "lagging", "at", lag=3600))
        assert read(growing(database, "lagging", "id", lag=1))[0] == ["a"]
    assert first == ["a"]
    run(owner, "INSERT INTO lagging (at, text) VALUES (now() - interval '59 minutes', 'late')")
    assert read(growing(database, "lagging", "at", lag=30), position)[0] == ["late", "b"]


def test_a_time_in_the_future_waits(database: str, owner: Connection, caplog: pytest.LogCaptureFixture) -> None:
    run(owner, f"CREATE TABLE future ({COLUMNS})",
        "INSERT INTO future (at, text) VALUES ('2999-01-01', 'far'), (now(), 'a')")  # fmt: skip
    source = growing(database, "future", "at")
    first, position = read(source)
    run(owner, "INSERT INTO future (text) VALUES ('b')")
    assert (first, read(source, position)[0]) == (["a"], ["b"])


def test_a_date_is_read_when_its_day_is_over(database: str, owner: Connection) -> None:
    run(owner, "CREATE TABLE days (day date, text text)",
        "INSERT INTO days SELECT (now() AT TIME ZONE 'UTC')::date - 1, 'a'",
        "INSERT INTO days SELECT (now() AT TIME ZONE 'UTC')::date, 'b'")  # fmt: skip
    source = growing(database, "days", "day", timezone="UTC")
    first, today = read(source)
    yesterday = str(datetime.date.fromisoformat(today["watermark"]) - datetime.timedelta(days=1))
    assert (first, read(source, today)[0]) == (["a"], [])
    assert read(source, {**today, "watermark": yesterday})[0] == ["a"]  # as on the day before


def test_equal_integers_are_read_in_the_order_of_the_key(database: str, owner: Connection) -> None:
    run(owner, f"CREATE TABLE equals ({COLUMNS}, batch int)",
        "INSERT INTO equals (batch, text) VALUES (1, 'a'), (2, 'b'), (2, 'c')")  # fmt: skip
    source = growing(database, "equals", "batch", key="id")
    first, position = read(source)
    run(owner, "INSERT INTO equals (batch, text) VALUES (2, 'd'), (3, 'e')")
    assert (first, read(source, position)[0]) == (["a", "b", "c"], ["d", "e"])
    with pytest.raises(SourceError, match=r"expected no further rows with batch = 2.* found 1 more. Set `source.key`"):
        unordered = growing(database, "equals", "batch")
        read(unordered, {**position, "key": None})


def test_a_key_of_texts_orders_equal_integers(database: str, owner: Connection) -> None:
    run(owner, "CREATE TABLE tokens AS SELECT 1 AS batch, gen_random_uuid() AS token, 'a' AS text")
    source = growing(database, "tokens", "batch", key="token")
    _, position = read(source)
    run(owner, "INSERT INTO tokens VALUES (1, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'b')")
    assert read(source, position)[0] == ["b"]
    run(owner, "INSERT INTO tokens VALUES (1, '00000000-0000-0000-0000-000000000000', 'missed')")
    with pytest.raises(SourceError, match="expected no further rows with batch = 1"):
        read(source, position)


def test_rows_without_a_watermark_are_refused(database: str, owner: Connection) -> None:
    run(owner, f"CREATE TABLE nulls ({COLUMNS})", "INSERT INTO nulls (at, text) VALUES (NULL, 'a'), (now(), 'b')")
    with pytest.raises(SourceError, match="expected a watermark in every row, found 1 rows without 'at'"):
        read(growing(database, "nulls", "at"))


@pytest.mark.parametrize(
    ("watermark", "message"),
    [
        ("text", "source.watermark: expected a timestamp, a date or an integer, found 'text' of string"),
        ("when", "expected a column for `source.watermark`, found no 'when' among id, at, local, text"),
    ],
)
def test_a_column_that_can_t_be_a_watermark_is_refused(
    watermark: str, message: str, database: str, owner: Connection
) -> None:
    run(owner, f"CREATE TABLE IF NOT EXISTS watermarks ({COLUMNS})")
    with pytest.raises(SourceError, match=message):
        read(growing(database, "watermarks", watermark))


def test_updated_and_deleted_rows_below_the_position_are_not_read_again(database: str, owner: Connection) -> None:
    run(owner, f"CREATE TABLE edited ({COLUMNS})", "INSERT INTO edited (text) VALUES ('a'), ('b')")
    source = growing(database, "edited", "id")
    _, position = read(source)
    run(owner, "UPDATE edited SET text = 'new' WHERE id = 1", "DELETE FROM edited WHERE id = 2")
    rows, position = read(source, position)
    assert (rows, position["watermark"]) == ([], 2)
    run(owner, "INSERT INTO edited (text) VALUES ('c')")
    assert read(source, position)[0] == ["c"]


def test_a_table_that_is_empty_at_first_is_refused_then_grows(database: str, owner: Connection) -> None:
    run(owner, f"CREATE TABLE started ({COLUMNS})")
    source = growing(database, "started", "id")
    with pytest.raises(SourceError, match="expected rows, found none"):
        read(source)


def test_a_position_of_another_watermark_is_refused(database: str, owner: Connection) -> None:
    run(owner, f"CREATE TABLE moved ({COLUMNS})", "INSERT INTO moved (text) VALUES ('a')")
    _, position = read(growing(database, "moved", "id"))
    with pytest.raises(SourceError, match="expected the table and watermark of the rows so far"):
        growing(database, "moved", "at").after(position)


def test_a_local_clock_that_is_set_back_repeats_no_watermark(database: str) -> None:
    """Berlin, 27 October 2024: 00:45 UTC is 02:45, and 01:00 UTC is 02:00 again."""
    source = SqlSource(kind="sql", connection=database, table="x", watermark="at")
    with session(Address(database)) as opened:
        kind = pa.timestamp("us")
        first = postgresql_borders.earliest(opened, source, kind, ["2024-10-27 00:45:00+00"])
        second = postgresql_borders.earliest(opened, source, kind, ["2024-10-27 01:45:00+00"])
        elsewhere = source.model_copy(update={"timezone": "America/New_York"})
        third = postgresql_borders.earliest(opened, elsewhere, kind, ["2024-10-27 00:45:00+00"])
    assert (first, second, third) == ("2024-10-27 02:00:00", "2024-10-27 02:45:00", "2024-10-26 20:45:00")


def _answer(made: Connection, statement: str) -> Any:
    with made.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchone()
    assert found is not None
    return found[0]
