"""Each algorithm, trained, refitted and judged a second time, has the metrics of the first time to 1e-9."""

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

import evaluate
import train
from tabular.contract import FILE
from tasks.reproduction.comparison import Figure, figures
from tests.scripts.compiled.models import ALGORITHMS, SETTINGS, contract, frame, json_rows

NAMES = (
    "logistic_regression", "ridge", "elastic_net", "random_forest number", "xgboost", "neural_network", "stack",
)  # fmt: skip
ROWS = {"train": (150, 1), "validation": (60, 2), "test": (60, 3)}
"""The number of rows of each part, and the seed that they are made with."""


def channels(folder: Path, name: str) -> dict[str, Path]:
    """Write the rows, the contract and the settings of the jobs of an algorithm. Returns the folders."""
    terms = contract(ALGORITHMS[name])
    found = {each: folder / each for each in (*ROWS, "contract", "settings")}
    for place in found.values():
        place.mkdir()
    (found["contract"] / FILE).write_text(terms.json())
    (found["settings"] / "settings.json").write_text("{}")
    for part, (count, seed) in ROWS.items():
        frame(json_rows(count, seed), terms).to_parquet(found[part] / "part-00000.parquet")
    return found


def job(monkeypatch: pytest.MonkeyPatch, places: dict[str, Path], folder: Path, name: str) -> Path:
    """Run train.py in this process, as a training job does. Returns the folder of its model.tar.gz."""
    algorithm = name.split()[0]
    for channel in ("train", "validation", "contract", "settings", "selected"):
        monkeypatch.delenv(f"SM_CHANNEL_{channel.upper()}", raising=False)
        if channel in places:
            monkeypatch.setenv(f"SM_CHANNEL_{channel.upper()}", str(places[channel]))
    model, output = folder / "model", folder / "output"
    model.mkdir(parents=True)
    monkeypatch.setenv("SM_MODEL_DIR", str(model))
    monkeypatch.setenv("SM_OUTPUT_DATA_DIR", str(output))
    given = [text for key, value in SETTINGS.get(algorithm, {}).items() for text in (f"--{key}", str(value))]
    monkeypatch.setattr(sys, "argv", ["train.py", "--algorithm", algorithm, *given])
    train.main()
    with tarfile.open(folder / "model.tar.gz", "w") as tar:  # without compression: it takes longer than the job
        tar.add(model, ".")
    return folder


def metrics(monkeypatch: pytest.MonkeyPatch, places: dict[str, Path], folder: Path, name: str) -> dict[str, float]:
    """Train and refit an algorithm. Returns the metrics of both jobs, and those on the held-out rows."""
    own = job(monkeypatch, places, folder / "own", name)
    refit = job(monkeypatch, {**places, "selected": own}, folder / "refit", name)
    found: dict[str, Any] = {}
    for step in (own, refit):
        reported = json.loads((step / "output" / "metrics.json").read_text())
        found |= {f"{step.name} {metric}": value for metric, value in reported.items()}
    judged = evaluate.judge(refit / "model.tar.gz", places["test"], {})
    return found | {f"test:{metric}": value for metric, value in judged.scores.items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_same_jobs_again_give_the_same_metrics(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = channels(tmp_path, name)
    recorded, again = (metrics(monkeypatch, places, tmp_path / time, name) for time in ("first", "second"))
    compared = list(figures("", recorded, again))
    assert {figure.name.partition(":")[0] for figure in compared} == {
        "own train", "own validation", "refit train", "test",
    }  # fmt: skip
    assert [figure for figure in compared if not figure.same] == []


def test_another_seed_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "random_forest number"
    places = channels(tmp_path, name)
    recorded = metrics(monkeypatch, places, tmp_path / "first", name)
    terms = json.loads((places["contract"] / FILE).read_text())
    (places["contract"] / FILE).write_text(json.dumps({**terms, "seed": terms["seed"] + 1}))
    again = metrics(monkeypatch, places, tmp_path / "second", name)
    differing: list[Figure] = [figure for figure in figures("", recorded, again) if not figure.same]
    assert {"test:rmse", "refit train:rmse"} <= {figure.name for figure in differing}
