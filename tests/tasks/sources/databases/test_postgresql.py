"""Rows of a real PostgreSQL: types, one snapshot, errors, lost connections."""

import datetime
import json
import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from adbc_driver_manager.dbapi import Connection
from adbc_driver_postgresql.dbapi import connect as dbapi_connect

from config.errors import SourceError, Unreachable
from config.sources import SqlSource
from tasks import clients
from tasks.sources import open_source, sql
from tasks.sources.databases import postgresql as driver
from tasks.sources.source import FILE_COLUMN, Incremental, Source
from tests.postgresql import PASSWORD, READER, READERS, run, url
from tests.source_rows import gathered, sound_cells

TYPES = """
CREATE TABLE types (id bigint, small smallint, exact numeric(40, 10), ratio double precision, name text, code char(4),
  yes boolean, day date, local timestamp, moment timestamptz, token uuid, doc jsonb, fee money, host inet,
  took interval)
"""
VALUES = """
INSERT INTO types VALUES (9223372036854775807, -3, 123456789012345678901234567890.0123456789, 0.1, $$Zoë 'x'$$, 'ab',
  true, '2024-02-29', '2024-02-29 23:59:59.123456', '2024-02-29 23:59:59.123456+05',
  '7b0c9b3e-6f5e-4c39-9c65-4f0a5b7d1d11', '{"a": [1]}', 12.5, '10.0.0.1', '1 day')
"""


def source(address: str, **keys: Any) -> Source:
    return open_source(SqlSource(kind="sql", connection=address, **keys), None, "small_one")


def test_each_value_of_postgresql_arrives_exactly(database: str, owner: Connection) -> None:
    run(owner, TYPES, VALUES, "INSERT INTO types (id) VALUES (NULL)")
    rows = gathered(source(database, table="types"))
    first, second = rows.to_pylist()
    assert {name: value for name, value in first.items() if not name.startswith("__")} == {
        "id": 9223372036854775807,
        "small": -3,
        "exact": "123456789012345678901234567890.0123456789",
        "ratio": 0.1,
        "name": "Zoë 'x'",
        "code": "ab  ",
        "yes": True,
        "day": datetime.date(2024, 2, 29),
        "local": datetime.datetime(2024, 2, 29, 23, 59, 59, 123456),
        "moment": datetime.datetime(2024, 2, 29, 18, 59, 59, 123456, datetime.UTC),
        "token": "7b0c9b3e-6f5e-4c39-9c65-4f0a5b7d1d11",
        "doc": '{"a": [1]}',
        "fee": "$12.50",
        "host": "10.0.0.1/32",
        "took": "1 day",
    }
    assert set(second.values()) == {None}
    assert rows.schema.names[-4:][0] == FILE_COLUMN


def test_columns_of_arrays_and_bytes_are_refused_by_name(database: str, owner: Connection) -> None:
    run(owner, "CREATE TABLE composed AS SELECT 1 AS id, array[1] AS marks, '\\x00'::bytea AS photo")
    with pytest.raises(SourceError, match=r"expected columns of single values, found .* in 'marks', 'photo'"):
        gathered(source(database, table="composed"))


def test_a_query_is_one_statement_that_only_reads(database: str, owner: Connection) -> None:
    run(owner, 'CREATE TABLE kept AS SELECT 1 AS id, 2 AS "Weird "" name"')
    assert sound_cells(source(database, query='SELECT "Weird "" name" AS x FROM kept -- the end')) == {"x": [2]}
    assert sound_cells(source(database, table="public.kept")) == {"id": [1], 'Weird " name': [2]}
    for query in ("SELECT 1; DELETE FROM kept", "DELETE FROM kept RETURNING id", "SELECT 1) AS a; DROP TABLE kept; --"):
        with pytest.raises(SourceError, match=r"syntax error|multiple commands"):
            gathered(source(database, query=query))
    run(owner, "CREATE FUNCTION remove() RETURNS int LANGUAGE sql AS 'DELETE FROM kept RETURNING id'")
    with pytest.raises(
        SourceError, match=r"cannot execute DELETE in a read-only transaction. `source.query` must only"
    ):
        gathered(source(database, query="SELECT remove() AS id"))
    assert sound_cells(source(database, query="SELECT id FROM kept;")) == {"id": [1]}


def test_a_read_is_one_transaction_that_can_t_write(database: str) -> None:
    query = (
        "SELECT current_setting('transaction_isolation') AS level, current_setting('transaction_read_only') AS reads"
    )
    assert sound_cells(source(database, query=query)) == {"level": ["repeatable read"], "reads": ["on"]}


def test_columns_of_one_name_are_refused(database: str) -> None:
    with pytest.raises(SourceError, match="expected each column once, found 'id' more than once"):
        gathered(source(database, query="SELECT 1 AS id, 2 AS id"))


def test_every_row_is_of_one_moment(database: str, owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "BATCH_ROWS", 100)
    run(owner, "CREATE TABLE moments AS SELECT i AS id, 'old' AS state FROM generate_series(1, 200000) i")
    batches = source(database, table="moments", key="id").batches()
    first = next(batches)
    run(owner, "UPDATE moments SET state = 'new'", "DELETE FROM moments WHERE id % 2 = 0")
    rest = list(batches)
    assert sum(map(len, rest)) + len(first) == 200000
    assert {state for batch in rest[-5:] for state in batch["state"].to_pylist()} == {"old"}
    assert max(map(len, rest)) <= 100


def test_an_empty_table_is_refused(database: str, owner: Connection) -> None:
    run(owner, "CREATE TABLE none (id int)")
    with pytest.raises(SourceError, match="table none: expected rows, found none"):
        gathered(source(database, table="none"))


def test_a_whole_table_has_no_position(database: str) -> None:
    assert not isinstance(source(database, table="any"), Incremental)
    assert isinstance(source(database, table="any", watermark="id"), Incremental)
    assert source(database, table="any").fingerprint() is None


def test_a_missing_table_is_named_with_a_remedy(database: str) -> None:
    with pytest.raises(SourceError) as refused:
        gathered(source(database, table="nowhere"))
    assert str(refused.value).endswith(
        'can\'t be read: relation "nowhere" does not exist. Correct `source.table`, or write it with its schema'
    )
    assert "owner" not in str(refused.value)


def test_a_password_comes_from_a_secret_of_rds(database: str, owner: Connection, bucket: str) -> None:
    role = f"rotated_{uuid4().hex[:8]}"  # roles are shared by all workers
    run(owner, f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}' IN ROLE {READERS}")
    run(owner, "CREATE TABLE guarded AS SELECT 1 AS id", f"GRANT SELECT ON guarded TO {role}")
    folder, name = database.rpartition("host=")[2], database.partition("@/")[2].partition("?")[0]
    content = {"engine": "postgres", "username": role, "password": PASSWORD, "host": "", "port": "", "dbname": name}
    clients.client("secretsmanager").create_secret(Name="school/reader", SecretString=json.dumps(content))
    guarded = source(f"postgresql:///?host={folder}", secret="school/reader", table="guarded")
    assert sound_cells(guarded) == {"id": [1]}
    run(owner, f"ALTER ROLE {role} PASSWORD 'another'")
    with pytest.raises(SourceError, match=rf'password authentication failed for user "{role}"\. Correct') as refused:
        gathered(guarded)
    assert PASSWORD not in str(refused.value) + repr(guarded) + guarded.describe()
    changed = json.dumps({**content, "password": "another"})
    clients.client("secretsmanager").put_secret_value(SecretId="school/reader", SecretString=changed)
    assert sound_cells(guarded) == {"id": [1]}  # the rotated secret is read again


def test_a_password_of_a_variable_is_in_no_message(
    postgresql: str, database: str, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISHWAOPS_TEST_PASSWORD", "wrong-one")
    refusing = source(url(postgresql, "postgres", READER, "${VISHWAOPS_TEST_PASSWORD}"), table="x")
    with pytest.raises(SourceError, match="password authentication failed") as refused:
        gathered(refusing)
    assert "wrong-one" not in str(refused.value) + repr(refusing) + refusing.describe()


def test_a_server_that_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "PAUSES", (0, 0))
    tries = list[str]()

    def connect(address: str, **options: Any) -> Connection:
        tries.append(address)
        return dbapi_connect(address, **options)  # type: ignore[no-any-return]

    monkeypatch.setattr(driver, "connect", connect)
    with pytest.raises(Unreachable, match=r"Connection refused\. Check the host, the port and the network"):
        gathered(source("postgresql://me:${NOT_SET:-hunter2}@127.0.0.1:1/school", table="x"))
    assert len(tries) == 3


def test_a_connection_that_is_lost_in_the_middle_may_be_read_again(
    database: str, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "BATCH_ROWS", 100)
    run(owner, "CREATE TABLE long AS SELECT i AS id, repeat('x', 500) AS text FROM generate_series(1, 100000) i")
    batches = source(database, table="long").batches()
    next(batches)
    # Only of this database: other tests read from others at the same time.
    ours = "application_name = 'vishwaops' AND datname = current_database()"
    run(owner, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
    with pytest.raises(Unreachable, match="Run it again: nothing of this read is stored"):
        list(batches)


def test_a_read_that_is_given_up_closes_its_connection(database: str, owner: Connection) -> None:
    run(owner, "CREATE TABLE given_up AS SELECT i AS id FROM generate_series(1, 300000) i")
    batches = source(database, table="given_up").batches()
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    run(owner, "DROP TABLE given_up")


MEMORY = """
import resource, sys
from config.sources import SqlSource
from tasks.sources import open_source
for table in sys.argv[2:]:
    source = open_source(SqlSource(kind="sql", connection=sys.argv[1], table=table), None, "small_one")
    print(sum(map(len, source.batches())), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_table(database: str, owner: Connection) -> None:
    wide = "i AS id, repeat(md5(i::text), 4) AS a, repeat('b', 200) AS b"
    sizes = {"small": 50_000, "large": 300_000}
    for table, rows in sizes.items():
        run(owner, f"CREATE TABLE {table} AS SELECT {wide} FROM generate_series(1, {rows}) i")
    done = subprocess.run([sys.executable, "-c", MEMORY, database, *sizes], capture_output=True, text=True, check=True)
    read, peaks = zip(*(map(int, line.split()) for line in done.stdout.splitlines()), strict=True)
    run(owner, *(f"DROP TABLE {table}" for table in sizes))
    assert read == tuple(sizes.values())
    assert peaks[1] < 1.3 * peaks[0], peaks  # megabytes; the larger table has 85 more
