"""A PostgreSQL table that grows while it is read, with transactions that commit out of order and a read that is killed."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from adbc_driver_manager.dbapi import Connection

from tests.patience import until
from tests.postgresql import run

WRITER = """
import random, sys
from pathlib import Path
from tests.postgresql import connected, run
chance, (address, table, stop) = random.Random(7), sys.argv[1:]
with connected(address) as a, connected(address) as b, connected(address) as c:
    number = 0
    while not Path(stop).exists() or number < 600:
        for made in (a, b, c):
            run(made, "BEGIN", "SELECT now()")
        for made in chance.sample((a, b, c) * 2, 6):
            run(made, f"INSERT INTO {table} (number) VALUES ({number})")
            number += 1
        for made in chance.sample((a, b, c), 3):
            run(made, "ROLLBACK" if chance.random() < 0.1 else "COMMIT")
"""
"""Three transactions at once begin, insert and commit, each in an order of its own. A tenth of them are rolled back."""

READER = """
import json, os, sys
from pathlib import Path
from config.sources import SqlSource
from tasks.sources import open_source
from tasks.sources.databases import postgresql
postgresql.BATCH_ROWS = 50
address, table, watermark, store = sys.argv[1:]
landed = json.loads(Path(store).read_text()) if Path(store).exists() else {"rows": [], "position": None}
source = SqlSource(kind="sql", connection=address, table=table, watermark=watermark)
source = open_source(source, None, "small_one").after(landed["position"])
for batch in source.batches():
    landed["rows"] += batch["number"].to_pylist()
    print("read", flush=True)
    if os.environ.get("PAUSED") and len(batch):
        sys.stdin.read()
landed["position"] = source.position()
Path(store + ".new").write_text(json.dumps(landed))
os.replace(store + ".new", store)
"""
"""One incremental run. Its commit of rows and position is the renaming of a file."""


@pytest.mark.parametrize("watermark", ["at", "id"])
def test_it_comes_in_complete_and_once_over_three_reads_with_a_kill_in_the_middle(
    watermark: str, database: str, owner: Connection, tmp_path: Path
) -> None:
    table, stop, store = f"growing_by_{watermark}", tmp_path / "stop", tmp_path / "landed.json"
    run(owner, f"CREATE TABLE {table} (id bigserial, at timestamptz DEFAULT now(), number int)")
    arguments = [database, table, watermark, str(store)]
    with subprocess.Popen([sys.executable, "-c", WRITER, database, table, str(stop)]) as writer:
        until(lambda: len(_numbers(owner, table)) > 100)
        _read(arguments)
        first = _landed(store)
        _kill_a_read(arguments)
        assert _landed(store) == first
        _read(arguments)
        second = _landed(store)
        stop.touch()
        assert writer.wait(60) == 0
    _read(arguments)
    assert 0 < len(first) < len(second)
    assert _landed(store) == _numbers(owner, table)
    assert set(_landed(store).values()) == {1}


def _read(arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-c", READER, *arguments], check=True, stdout=subprocess.DEVNULL)


def _kill_a_read(arguments: list[str]) -> None:
    """Kill a read that has begun to yield rows."""
    with subprocess.Popen(
        [sys.executable, "-c", READER, *arguments], env={**os.environ, "PAUSED": "1"}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        assert reader.stdout is not None
        assert [reader.stdout.readline() for _ in range(2)] == ["read\n"] * 2
        reader.send_signal(signal.SIGKILL)
        assert reader.wait() == -signal.SIGKILL


def _landed(store: Path) -> Counter[int]:
    return Counter(json.loads(store.read_text())["rows"])


def _numbers(owner: Connection, table: str) -> Counter[int]:
    with owner.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {table}")
        return Counter(cursor.fetch_arrow_table()["number"].to_pylist())
