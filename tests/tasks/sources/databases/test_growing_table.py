"""A PostgreSQL table that grows while it is read: transactions commit out of order, and one read is killed."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import cast

import pytest
from adbc_driver_manager.dbapi import Connection

from config.sources import SqlSource
from tasks.sources import open_source
from tasks.sources.source import Incremental
from tests.patience import until
from tests.postgresql import run

WRITER = """
import random, sys
from pathlib import Path
from tests.postgresql import connected, run
chance, (address, table, stop) = random.Random(7), sys.argv[1:]
with connected(address) as a, connected(address) as b, connected(address) as c:
    number = 0
    while not Path(stop).exists() or number < 300:
        for made in (a, b, c):
            run(made, "BEGIN", "SELECT now()")
        for made in chance.sample((a, b, c) * 2, 6):
            run(made, f"INSERT INTO {table} (number) VALUES ({number})")
            number += 1
        for made in chance.sample((a, b, c), 3):
            run(made, "ROLLBACK" if chance.random() < 0.1 else "COMMIT", "SELECT pg_sleep(0.03)")
"""
"""Three transactions at once begin, insert and commit, each in an order of its own. A tenth of them are rolled back."""

READER = """
import sys
from tests.tasks.sources.databases.test_growing_table import land
land(*sys.argv[1:], paused=True)
"""


def land(address: str, table: str, watermark: str, store: str, *, paused: bool = False) -> None:
    """One incremental read. Its commit of rows and position is the renaming of a file."""
    path = Path(store)
    landed = json.loads(path.read_text()) if path.exists() else {"rows": [], "position": None}
    configured = SqlSource(kind="sql", connection=address, table=table, watermark=watermark)
    source = cast(Incremental, open_source(configured, None, "small_one")).after(landed["position"])
    for batch in source.batches():
        landed["rows"] += batch["number"].to_pylist()
        if paused and len(batch):
            sys.stdout.write("read\n")
            sys.stdout.flush()
            sys.stdin.read()
    landed["position"] = source.position()
    path.with_suffix(".new").write_text(json.dumps(landed))
    path.with_suffix(".new").replace(path)


@pytest.mark.parametrize("watermark", ["at", "id"])
def test_it_comes_in_complete_and_once_over_three_reads_with_a_kill_in_the_middle(
    watermark: str, database: str, owner: Connection, tmp_path: Path
) -> None:
    table, stop, store = f"growing_by_{watermark}", tmp_path / "stop", tmp_path / "landed.json"
    run(owner, f"CREATE TABLE {table} (id bigserial, at timestamptz DEFAULT now(), number int)")
    arguments = [database, table, watermark, str(store)]
    with subprocess.Popen([sys.executable, "-c", WRITER, database, table, str(stop)]) as writer:
        until(lambda: len(_numbers(owner, table)) > 60)
        land(*arguments)
        first = _landed(store)
        _kill_a_read(arguments)
        assert _landed(store) == first
        land(*arguments)
        second = _landed(store)
        stop.touch()
        assert writer.wait(60) == 0
    land(*arguments)
    assert 0 < len(first) < len(second)
    assert _landed(store) == _numbers(owner, table)
    assert set(_landed(store).values()) == {1}


def _kill_a_read(arguments: list[str]) -> None:
    """Kill a read that has begun to yield rows."""
    command = [sys.executable, "-c", READER, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "read\n"
        reader.send_signal(signal.SIGKILL)
        assert reader.wait() == -signal.SIGKILL


def _landed(store: Path) -> Counter[int]:
    return Counter(json.loads(store.read_text())["rows"])


def _numbers(owner: Connection, table: str) -> Counter[int]:
    with owner.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {table}")
        return Counter(cursor.fetch_arrow_table()["number"].to_pylist())
