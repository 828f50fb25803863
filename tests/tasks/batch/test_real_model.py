"""The real model server in a transform job answers as the same code does in process."""

import json
from pathlib import Path

import pandas as pd
import pytest

from serving.answer import answer
from tasks import champion as champions
from tests.endpoints import packed_folder
from tests.scripts.models import COLUMNS, FEATURES, contract, saved_model
from tests.scripts.models import rows as typed_rows
from tests.tasks.batch.test_score import read, score
from tests.tasks.releases import new_release, new_use_case

BLUE = "colour: expected one of green, red, found 'blue'"
"""The schema allows it; the model has not seen it."""


def test_predictions_of_three_instances_and_of_an_endpoint_are_equal_and_refused_rows_have_all_reasons(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.batch.prepare.SHARD_ROWS", 60)
    case = new_use_case(columns=COLUMNS, features=[column.name for column in FEATURES])
    (tmp_path / "model").mkdir()
    model = saved_model(tmp_path / "model", "xgboost")
    new_release(case, 0.9, body=packed_folder(tmp_path / "model"))
    champion = champions.read(case)
    assert champion
    frame = typed_rows(contract("xgboost"), 300, seed=3).assign(id=range(1, 301))
    frame.loc[5, "hours"] = None
    frame["passed"] = [None, *frame["passed"][1:]]
    rows = pd.concat([frame, frame[:2].assign(colour="blue", origin=None), frame[2:3].assign(age=31)])
    rows.rename(columns={"hours": "Hours"}).to_parquet(tmp_path / "rows.parquet")
    scores = score(case, champion, str(tmp_path / "rows.parquet"), instances=3)

    assert (scores.rows, scores.quarantined, scores.known_targets) == (300, 3, 299)
    asked = frame[[column.name for column in FEATURES]].astype(object)
    body = json.dumps(asked.where(asked.notna(), None).to_dict("records"))
    expected = json.loads(answer(model, body, "application/json", "").body)["predictions"]
    scored = read(scores.uri)
    assert scored["prediction"].tolist() == [each["prediction"] for each in expected]
    assert scored["probability_yes"].tolist() == [each["probabilities"]["yes"] for each in expected]
    assert [sorted(reasons) for reasons in read(scores.quarantine_uri)["reasons"]] == [
        *[[BLUE, "origin: expected one of no, yes, found (hidden: sensitive)"]] * 2,
        ["age: expected a whole number from 10 to 30, found 31"],
    ]
