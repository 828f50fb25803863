"""Scoring that is killed and run again."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.use_case import UseCase
from tasks import storage
from tasks.batch import plan as plans
from tasks.references import Champion
from tests.patience import PATIENCE
from tests.tasks.batch.conftest import rows, written
from tests.tasks.batch.test_score import asked, jobs, read, score


@pytest.mark.parametrize("point", ["prepare", "transform", "collect"])
def test_a_run_that_is_killed_is_continued_where_it_was(
    case: UseCase, champion: Champion, tmp_path: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, script = written(tmp_path, rows(500)), Path(__file__).with_name("killed.py")
    killed = subprocess.run(
        [sys.executable, str(script), case.model_dump_json(), source, point], timeout=PATIENCE, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    folder = plans.shards(case.name)
    before, stored, put = set(storage.names(folder)), list[str](), storage.put
    assert 2 <= len(before) <= 5
    monkeypatch.setattr("tasks.batch.prepare.SHARD_ROWS", 100)

    def noting(uri: str, *more: Any) -> None:
        stored.append(uri)
        put(uri, *more)

    monkeypatch.setattr(storage, "put", noting)
    scores = score(case, champion, source)
    assert (scores.rows, scores.quarantined, scores.shards) == (500, 0, 5)
    assert read(scores.uri)["input_row"].tolist() == list(range(500))
    assert [uri for uri in stored if uri.removeprefix(f"{folder}/") in before] == []
    assert [len(asked(job)) for job in jobs(case)] == [5]
