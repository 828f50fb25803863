"""One use case with every kind of column and split, from its file to the drift of its scored rows."""

import csv
import json
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import evaluate
import train
from config.settings import SCRIPTS
from config.use_case import UseCase
from serving.answer import answer
from tabular.artefact import Artefact
from tabular.compiled.model import CompiledModel
from tabular.contract import Contract
from tasks import storage
from tasks.ingest import ingest
from tasks.monitor import monitor
from tasks.predict import answered
from tasks.references import DataSplit, Predictions, ValidatedDataset
from tasks.rows import shards
from tasks.rows.input_rows import check_rows, read_rows
from tasks.scoring import instances, json_rows, score_rows
from tasks.split import split
from tasks.validate import validate
from tests.use_cases import small_use_case

ROWS, SHARD_ROWS = 420, 100
SECRET = "confidentialword"
COLUMNS: dict[str, Any] = {
    "school": {"type": "category"},
    "number": {"type": "integer", "minimum": 1},
    "semester": {"type": "category"},
    "level": {"type": "category", "ordered": True, "categories": ["low", "mid", "high"], "nullable": True},
    "won": {"type": "number", "nullable": True, "missing": ["-200", "?"]},
    "played": {"type": "integer", "nullable": True, "missing": ["-200"]},
    "comment": {"type": "text", "nullable": True, "max_length": 200},
    "note": {"type": "text", "nullable": True, "sensitive": True},
    "grade": {"type": "category", "ordered": True, "categories": ["low", "mid", "high"], "nullable": True},
    "score": {"type": "integer"},
    "day": {"type": "date", "format": "%d/%m/%Y", "minimum": date(2013, 1, 1)},
}
DERIVED = {
    "rate": {"expression": "won / played", "type": "number"},
    "often": {"expression": "rate > 0.5", "type": "category"},
    "month": {"expression": "month(day)", "type": "number"},
    "great": {"expression": "grade >= 'mid' and score > 50", "type": "category"},
}


def use_case(**changes: Any) -> UseCase:
    plain: dict[str, Any] = {
        "name": "schema_features",
        "columns": COLUMNS,
        "derived": DERIVED,
        "key": ["school", "number"],
        "features": [
            "number",
            "level",
            "won",
            "rate",
            "often",
            "comment",
            "note",
            "month",
            {"name": "level_often", "interaction": ["level", "often"]},
            {"name": "semester_mean", "target_encoding": {"of": "semester", "smoothing": 5}},
            {"name": "quarter", "bins": {"of": "month", "edges": [4, 7, 10]}},
        ],
        "target": {"column": "result", "task": "binary", "rule": "great", "classes": ["no", "yes"]},
        "split": {"by": "group", "columns": ["school", "semester"], "seed": 1, "validation": 0.2, "test": 0.2},
    }
    return small_use_case(**{**plain, **changes})


def rows() -> list[dict[str, object]]:
    """Rows whose comment tells the target. Every 20th has markers of missing values."""
    chance = np.random.default_rng(1)
    found = []
    for number in range(ROWS):
        grade, score = ["low", "mid", "high"][number % 3], int(chance.integers(0, 101))
        good = grade != "low" and score > 50
        odd = number % 20 == 0
        found.append(
            {
                "school": f"s{number % 5}",
                "number": number + 1,
                "semester": f"{2013 + number % 3}{'BJ'[number % 2]}",
                "level": "" if odd else ["low", "high", "mid"][number % 3],
                "won": "?" if odd else float(number % 7),
                "played": -200 if odd else 10,
                "comment": f"{'splendid work' if good else 'poor work'},\nsaid teacher {number}",
                "note": f"{SECRET} {number}",
                "grade": "" if odd else grade,
                "score": score,
                "day": f"{1 + number % 28:02}/{1 + number % 12:02}/2014",
            }
        )
    return found


def write(folder: Path, content: list[dict[str, object]]) -> str:
    with (folder / "rows.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(COLUMNS))
        writer.writeheader()
        writer.writerows(content)
    return str(folder / "rows.csv")


@dataclass(frozen=True)
class Lifecycle:
    """The results of the stages."""

    folder: Path
    case: UseCase
    validated: ValidatedDataset
    split: DataSplit
    evaluation: dict[str, Any]

    @cached_property
    def model(self) -> Artefact:
        return Artefact.load(self.folder / "model")

    @cached_property
    def served(self) -> CompiledModel:
        return CompiledModel.load(self.folder / "model")

    def ask(self, body: bytes) -> bytes:
        found = answer(self.served, body, "application/json", "application/json")
        assert found.status == 200, found.body
        return found.body

    def read(self, part: str) -> pd.DataFrame:
        return pd.concat([pd.read_parquet(file) for file in sorted((self.folder / part).glob("*.parquet"))])


@pytest.fixture(scope="module")
def lifecycle(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lifecycle]:
    """All stages: the jobs' scripts run in this process, on shards of 100 rows."""
    folder, case = tmp_path_factory.mktemp("lifecycle"), use_case()
    content = [*rows(), {**rows()[1], "number": ROWS + 1, "comment": "too long" * 40}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_ROWS", SHARD_ROWS)
        validated = validate.fn(case, ingest.fn(case, write(folder, content)))
        parts = split.fn(case, validated)
        for part in ("train", "validation", "test", "contract"):
            download(f"{parts.train_uri.rpartition('/')[0]}/{part}", folder / part)
            patch.setenv(f"SM_CHANNEL_{part.upper()}", str(folder / part))
        patch.setenv("SM_MODEL_DIR", str(folder / "model"))
        patch.setenv("SM_OUTPUT_DATA_DIR", str(folder / "output"))
        patch.setattr(sys, "argv", ["train.py", "--algorithm", "logistic_regression"])
        (folder / "model").mkdir()
        train.main()
        with tarfile.open(folder / "model.tar.gz", "w:gz") as tar:
            tar.add(folder / "model", arcname=".")
        found = evaluate.evaluate(folder / "model.tar.gz", folder / "model.tar.gz", folder / "test")
        yield Lifecycle(folder, case, validated, parts, found)


def download(uri: str, folder: Path) -> None:
    """Copy a channel as SageMaker does."""
    folder.mkdir()
    for name in storage.names(uri):
        (folder / name).write_bytes(storage.get(f"{uri}/{name}"))


def test_a_text_that_is_too_long_goes_to_quarantine_and_one_with_a_newline_does_not(lifecycle: Lifecycle) -> None:
    assert (lifecycle.validated.rows, lifecycle.validated.quarantined) == (ROWS, 1)
    [reasons] = storage.get_parquet(lifecycle.validated.quarantine_uri)["reasons"]
    expected = "comment: expected a text of at most 200 characters, found 'too longtoo longtoo"
    assert reasons[0].startswith(expected)
    assert "\n" in lifecycle.read("train")["comment"].iloc[0]


def test_each_part_has_shards_of_limited_size_and_no_group_of_two_columns_is_in_two_parts(lifecycle: Lifecycle) -> None:
    names = sorted(path.name for path in (lifecycle.folder / "train").iterdir())
    assert names == [f"part-{number:05}.parquet" for number in range(len(names))]
    assert len(names) == -(-lifecycle.split.train_rows // SHARD_ROWS) > 1
    groups = []
    for part in ("train", "validation", "test"):
        frame = lifecycle.read(part)
        assert len(frame) == getattr(lifecycle.split, f"{part}_rows")
        groups.append({*zip(frame["school"], frame["semester"], strict=True)})
    assert groups[0] & groups[1] == groups[0] & groups[2] == groups[1] & groups[2] == set()
    assert {school for school, _ in groups[0]} & {school for school, _ in groups[2]}


def test_a_rule_over_a_derived_column_makes_the_target_and_a_missing_value_none(lifecycle: Lifecycle) -> None:
    parts = pd.concat(lifecycle.read(part) for part in ("train", "validation", "test"))
    good = (parts["grade"] != "low") & (parts["score"] > 50)
    assert (parts["result"] == np.where(good, "yes", "no")).all()
    ungraded = [row for row in rows() if not row["grade"] and int(str(row["score"])) > 50]
    assert len(parts) == ROWS - len(ungraded), "`null and false` is false, `null and true` gives no target"
    assert parts[["won", "played"]].isna().all(axis=1).sum() == ROWS // 20 - len(ungraded)


def test_the_model_learns_from_words_ranks_and_derived_values(lifecycle: Lifecycle) -> None:
    assert lifecycle.evaluation["rows"] == lifecycle.split.test_rows
    assert lifecycle.evaluation["metrics"] == lifecycle.evaluation["champion"]
    assert lifecycle.evaluation["metrics"]["roc_auc"] > 0.99
    columns = lifecycle.model.contract.input_columns
    assert [column.name for column in columns] == list(lifecycle.case.inputs)
    frame = lifecycle.read("test").drop(columns="result")
    frame["comment"] = "splendid work"
    assert (lifecycle.model.output(frame)[:, 1] > 0.5).mean() > 0.9


def test_requests_have_the_columns_of_derived_features_and_csv_answers_as_json(lifecycle: Lifecycle) -> None:
    asked = list(lifecycle.case.request_columns)
    assert asked == ["number", "level", "won", "played", "comment", "note", "day", "semester"]
    cells = [7, "high", 6, 10, 'splendid "work",\nindeed', "", "31/05/2014", "2014B"]
    row = dict(zip(asked, cells, strict=True))
    body = ",".join(asked) + '\n7,high,6,10,"splendid ""work"",\nindeed",,31/05/2014,2014B\n'
    one = answer(lifecycle.served, json.dumps([row]), "application/json", "")
    assert one.body == answer(lifecycle.served, body, "text/csv", "").body
    other = answer(lifecycle.served, json.dumps([{**row, "won": "-200"}]), "application/json", "")
    assert other.status == 200, other.body
    assert other.body != one.body
    without = answer(
        lifecycle.served, json.dumps([{k: v for k, v in row.items() if k != "played"}]), "application/json", ""
    )
    assert json.loads(without.body)["problems"][0]["column"] == "played"
    long = answer(lifecycle.served, json.dumps([{**row, "note": f"{SECRET} " * 1000}]), "application/json", "")
    assert (long.status, SECRET in long.body.decode()) == (400, False)


def test_a_file_for_predictions_needs_no_derived_column_and_its_rows_are_answered(
    lifecycle: Lifecycle, tmp_path: Path
) -> None:
    [read] = read_rows(lifecycle.case, write(tmp_path, rows()[:3]))
    good, reasons = check_rows(lifecycle.case, read)
    assert reasons == {}
    asked = list(lifecycle.case.request_columns)
    assert asked and "score" not in good
    table = answered(lifecycle.case, good, score_rows(good[asked], lifecycle.ask, lifecycle.case.columns))
    assert list(table) == ["input_row", "school", *asked, "prediction", "probability_no", "probability_yes"]
    assert instances(json_rows(good[asked], lifecycle.case.columns).to_pylist()).count(b"\\n") == 3


def test_the_drift_of_texts_is_that_of_their_lengths_and_profiles_have_no_word(lifecycle: Lifecycle) -> None:
    held_out = lifecycle.read("test").reset_index(drop=True)
    held_out["comment"] = held_out["comment"].str.repeat(3)
    uri = f"{lifecycle.split.test_uri}/scored"
    storage.put(uri, storage.parquet(held_out))
    predictions = Predictions(
        use_case=lifecycle.case.name, endpoint_name="e", trained_on=lifecycle.split, uri=uri, rows=100, sample=()
    )
    report = monitor.fn(lifecycle.case, lifecycle.split, predictions)
    assert {drift.feature for drift in report.features} == {*lifecycle.case.inputs} - {"note"}
    assert report.features[0].feature == "comment"
    assert report.features[0].verdict == "drift"
    for profile in (report.reference_profile_uri, report.scored_profile_uri):
        content = storage.get(profile).decode()
        assert "splendid" not in content
        assert SECRET not in content
        assert json.loads(content)["columns"]["often"]["frequent"].keys() == {"false", "true"}


def test_a_model_keeps_no_word_of_its_training_rows(lifecycle: Lifecycle) -> None:
    files = [path for path in (lifecycle.folder / "model").rglob("*") if path.is_file()]
    assert files
    assert not any(SECRET.encode() in path.read_bytes() for path in files if "code" not in path.parts)
    assert (lifecycle.folder / "model" / "model.skops").stat().st_size < 10_000_000
    assert Contract.read(lifecycle.folder / "model") == lifecycle.model.contract
    assert (lifecycle.folder / "model" / "code" / "inference.py").read_bytes() == (
        SCRIPTS / "inference.py"
    ).read_bytes()
