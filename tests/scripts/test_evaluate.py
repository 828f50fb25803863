"""The evaluation script, run in this process as a processing job runs it."""

import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import evaluate
from config.settings import SCRIPTS
from tabular.compiled.compiler import compile_model
from tests.scripts.models import contract, rows, small_model

JUDGES_WITHOUT_SKOPS = """
import json, sys
from pathlib import Path
sys.modules["skops"] = None
from evaluate import evaluate
print(json.dumps(evaluate(Path(sys.argv[1]), None, Path(sys.argv[2]))))
assert not {"sklearn", "xgboost"} & sys.modules.keys()
"""
Judge = Callable[..., dict[str, Any]]


def archive(folder: Path, name: str, algorithm: str, compiled: bool = False) -> Path:
    """A model.tar.gz in the form of a training job's output, or of an older one's, which was not compiled."""
    files = folder / name
    files.mkdir()
    model = small_model(algorithm)
    model.save(files, code=SCRIPTS)
    if compiled:
        assert compile_model(model, [rows(model.contract, 200, seed=1)], files) is None
    with tarfile.open(path := folder / f"{name}.tar.gz", "w:gz") as tar:
        tar.add(files, arcname=".")
    return path


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Evaluates a model and, optionally, a champion on 100 rows. Returns the job's evaluation."""

    def run(challenger: str, champion: str | None = None) -> dict[str, Any]:
        rows(contract(challenger), 100, seed=2).to_parquet(tmp_path / "test.parquet")
        arguments = ["--challenger", str(archive(tmp_path, "challenger", challenger))]
        if champion:
            arguments += ["--champion", str(archive(tmp_path, "champion", champion))]
        arguments += ["--test", str(tmp_path / "test.parquet"), "--output", str(tmp_path)]
        monkeypatch.setattr(sys, "argv", ["evaluate.py", *arguments])
        evaluate.main()
        return dict(json.loads((tmp_path / "evaluation.json").read_text()))

    return run


def test_a_model_is_judged_beside_the_champion_and_a_naive_prediction(
    judge: Judge, capsys: pytest.CaptureFixture[str]
) -> None:
    found = judge("logistic_regression", champion="random_forest")
    assert found["rows"] == 100
    assert found["metrics"]["roc_auc"] > 0.95
    assert found["baseline"]["roc_auc"] == 0.5
    assert found["champion"].keys() == found["metrics"].keys()
    assert found["champion"] != found["metrics"]
    shown = json.loads(capsys.readouterr().out)
    assert shown == {name: found[name] for name in ("rows", "metrics", "baseline", "champion")}


def test_a_compiled_model_is_judged_like_its_pipeline_and_needs_no_skops(tmp_path: Path) -> None:
    test = tmp_path / "test.parquet"
    rows(contract("xgboost"), 100, seed=2).to_parquet(test)
    compiled = archive(tmp_path, "compiled", "xgboost", compiled=True)
    pipeline = archive(tmp_path, "pipeline", "xgboost")
    command = [sys.executable, "-c", JUDGES_WITHOUT_SKOPS, str(compiled), str(test)]
    found = subprocess.run(command, env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True, check=True)
    judged, expected = json.loads(found.stdout), evaluate.evaluate(pipeline, None, test)
    for part in ("rows", "metrics", "baseline", "champion", "points", "calibration", "curves", "alone"):
        assert judged[part] == expected[part]


def test_the_learning_curve_of_the_archive_is_in_the_evaluation(tmp_path: Path) -> None:
    (test := tmp_path / "test").mkdir()
    rows(contract("ridge"), 30, seed=2).to_parquet(test / "data.parquet")
    plain, curve = archive(tmp_path, "plain", "ridge"), {"metric": "r2", "rows": [9], "train": [1], "validation": [0]}
    (tmp_path / "plain" / "learning_curve.json").write_text(json.dumps(curve))
    with tarfile.open(plain, "w:gz") as tar:
        tar.add(tmp_path / "plain", arcname=".")
    assert evaluate.evaluate(plain, None, test)["learning_curve"] == curve


def test_without_a_champion_there_is_none_to_compare_with(judge: Judge) -> None:
    assert judge("xgboost")["champion"] is None


def test_the_points_of_the_plots_are_of_every_row(judge: Judge) -> None:
    points = judge("logistic_regression")["points"]
    assert points["classes"] == ["no", "yes"]
    assert sum(map(sum, points["confusion"])) == 100
    assert (points["roc"]["yes"]["fpr"][0], points["roc"]["yes"]["tpr"][-1]) == (0, 1)


def test_a_regression_is_judged_by_its_errors(judge: Judge) -> None:
    found = judge("ridge")
    assert set(found["metrics"]) == {"rmse", "mae", "r2", "mape", "wape"}
    assert found["metrics"]["rmse"] < found["baseline"]["rmse"]
    assert len(found["points"]["truth"]) == len(found["points"]["predicted"]) == 100


def test_what_the_image_lacks_is_installed_first(judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/installed\n')
    python.chmod(0o755)
    monkeypatch.setattr(evaluate, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(python))
    judge("xgboost")
    command = f"-m pip --disable-pip-version-check install -r {SCRIPTS / 'requirements.txt'}\n"
    assert (tmp_path / "installed").read_text() == command


def test_recommendations_are_compared_with_what_the_earlier_rows_teach(tmp_path: Path) -> None:
    terms = contract("ridge")
    for place, (name, count) in enumerate({"train": 60, "validation": 20, "test": 100}.items()):
        (tmp_path / name).mkdir()
        part = rows(terms, count, seed=place).assign(person=lambda frame: frame.index % 25)
        part.to_parquet(tmp_path / name / "data.parquet")
    rules = {"user": "person", "item": "colour", "top": 1, "best": "highest", "target": "passed"}
    (tmp_path / "settings.json").write_text(json.dumps({"evaluation": {}, "recommendation": rules}))
    places = [tmp_path / name for name in ("train", "validation")]
    model = archive(tmp_path, "challenger", "ridge")
    found = evaluate.evaluate(model, None, tmp_path / "test", tmp_path, places)["recommendation"]
    assert found["users"] == {"all": 25, "hit_rate": 25, "regret": 25}
    regret = {name: each["regret"]["value"] for name, each in found["rankings"].items()}
    assert regret["model"] < 1 < regret["popularity"]
    assert list(evaluate.earlier_rows(places, {"recommendation": rules})) == ["colour", "passed"]
    assert len(evaluate.earlier_rows(places, {"recommendation": rules})["passed"]) == 80
