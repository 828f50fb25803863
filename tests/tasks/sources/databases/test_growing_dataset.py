"""A PostgreSQL table grows while its dataset is versioned: `ingest` lands each row once, also when it is killed."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from adbc_driver_manager.dbapi import Connection

from config.use_case import load_use_case
from tasks.ingest import ingest
from tasks.landing.reading import opened
from tasks.references import DatasetVersion
from tests.patience import until
from tests.postgresql import run
from tests.tasks.sources.databases.test_growing_table import WRITER
from tests.use_cases import content

KILLED = """
import os, sys
from config.use_case import load_use_case
from tasks.ingest import ingest
from tasks.sources.databases import postgresql
read = postgresql.PostgreSql.batches
def paused(session, *given):
    for batch in read(session, *given):
        yield batch
        if len(batch):
            os.write(1, b"read")
            sys.stdin.read()
postgresql.PostgreSql.batches = paused
ingest.fn(load_use_case(sys.argv[1]))
"""
"""Ingests, and waits for its end after the first rows."""


@pytest.mark.parametrize("watermark", ["at", "id"])
def test_three_ingests_with_a_kill_in_the_middle_land_every_row_once(
    watermark: str, bucket: str, database: str, owner: Connection, tmp_path: Path
) -> None:
    table, stop = f"dataset_by_{watermark}", tmp_path / "stop"
    run(owner, f"CREATE TABLE {table} (id bigserial, at timestamptz DEFAULT now(), number int)")
    path = _use_case(tmp_path, {"kind": "sql", "connection": database, "table": table, "watermark": watermark})
    case = load_use_case(str(path))
    with subprocess.Popen([sys.executable, "-c", WRITER, database, table, str(stop)]) as writer:
        try:
            until(lambda: len(_numbers(owner, table)) > 60)
            first = ingest.fn(case)
            _kill_an_ingest(path)
            second = ingest.fn(case)
        finally:
            stop.touch()
        assert writer.wait(60) == 0
    third = ingest.fn(case)
    assert 0 < first.rows < second.rows < third.rows
    assert _landed(third) == _numbers(owner, table)
    assert set(_landed(third).values()) == {1}
    assert ingest.fn(case) == third


def _kill_an_ingest(path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.read(4) == b"read"
        killed.send_signal(signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL


def _use_case(folder: Path, source: dict[str, str]) -> Path:
    name = f"grown_{uuid4().hex[:8]}"
    path = folder / f"{name}.yaml"
    columns = {"number": {"type": "integer"}, "id": {"type": "integer"}}
    target = {"column": "odd", "rule": "number % 2 == 1", "task": "binary", "classes": ["false", "true"]}
    changes = {
        "name": name,
        "source": source,
        "columns": columns,
        "key": ["number"],
        "features": ["id"],
        "target": target,
    }
    shipped = content("student_enrollment")
    del shipped["feature_store"], shipped["evaluation"]["fairness"]
    path.write_text(yaml.safe_dump({**shipped, **changes}))
    return path


def _landed(version: DatasetVersion) -> Counter[int]:
    with opened(version) as rows:
        return Counter(rows.read(["number"])["number"].to_pylist())


def _numbers(owner: Connection, table: str) -> Counter[int]:
    with owner.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {table}")
        return Counter(cursor.fetch_arrow_table()["number"].to_pylist())
