"""The stage `score` on the offline cloud: shards, a transform job, predictions and quarantine."""

from pathlib import Path

import pandas as pd

from config.use_case import UseCase
from tasks import storage
from tasks.batch.prepare import prepare
from tasks.batch.results import collect, find_scores
from tasks.batch.transform import answers_of, transform
from tasks.references import BatchScores, Champion
from tests.tasks.batch.conftest import rows, written


def score(case: UseCase, champion: Champion, source: str) -> BatchScores:
    plan = prepare.fn(case, source)
    if found := find_scores.fn(case, plan, champion):
        return found
    transform.fn(case, plan, champion)
    return collect.fn(case, plan, champion)


def read(folder: str) -> pd.DataFrame:
    """The rows of all files of a folder."""
    return pd.concat([storage.get_parquet(f"{folder}/{name}") for name in sorted(storage.names(folder))])


def test_scored(case: UseCase, champion: Champion, tmp_path: Path) -> None:
    frame = rows(1000)
    frame.loc[700, "age"] = "old"
    frame.loc[701, "age"] = "99"
    frame.loc[702, "passed"] = ""
    scores = score(case, champion, written(tmp_path, frame))
    assert (scores.rows, scores.quarantined, scores.known_targets) == (998, 2, 997)
    assert scores.metrics["accuracy"] > 0.99
    print(scores)
    print(read(scores.uri).dtypes)
    print(read(scores.quarantine_uri).to_dict("records"))
    assert score(case, champion, written(tmp_path, frame)) == scores
    assert answers_of
