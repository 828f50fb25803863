"""Loading a compiled model: digests, formats, the fallback to the pipeline, and what is imported."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.settings import SCRIPTS
from tabular.artefact import Artefact
from tabular.compiled.compiler import compile_model, difference
from tabular.compiled.model import CompiledModel
from tabular.compiled.trees import Trees
from tests.scripts.compiled.models import checked, frame, json_rows, stored, trained

LOADS = """
import sys
from pathlib import Path
from tabular import pandas_in_arrow
pandas_in_arrow.disable()
from tabular.compiled.model import CompiledModel
model = CompiledModel.load(Path(sys.argv[1]))
model.warm_up()
print(*sorted({"pandas", "scipy", "sklearn", "skops", "xgboost"} & sys.modules.keys()))
"""


@pytest.mark.parametrize("name", ["logistic_regression", "random_forest", "xgboost"])
def test_neither_pandas_nor_scikit_learn_nor_xgboosts_package_is_imported(name: str, tmp_path: Path) -> None:
    stored(name, tmp_path)
    command = [sys.executable, "-c", LOADS, str(tmp_path)]
    found = subprocess.run(command, env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True, check=True)
    assert found.stdout == "\n"


@pytest.mark.parametrize("name", ["logistic_regression", "random_forest", "xgboost"])
def test_the_same_pipeline_gives_the_same_files_and_the_digest_of_the_model(name: str, tmp_path: Path) -> None:
    files = []
    for _ in range(2):
        model = stored(name, tmp_path).model
        paths = [*tmp_path.glob("*-*.*"), tmp_path / "compiled.json"]
        files.append({path.name: path.read_bytes() for path in paths})
    assert files[0] == files[1]
    assert len(files[0]) >= 2
    assert not any(content.startswith(b"\x80") for content in files[0].values())  # a pickle begins so
    assert len(model.digest) == 64


@pytest.mark.parametrize("kind", ["estimator-*", "trees-*", "contract.json"])
def test_a_file_with_another_digest_is_refused_by_its_name(kind: str, tmp_path: Path) -> None:
    stored("xgboost", tmp_path)
    (path,) = tmp_path.glob(kind)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ValueError, match=rf"{path.name}: expected the SHA-256 digest \w{{64}}, found \w{{64}}"):
        CompiledModel.load(tmp_path)


def test_an_absent_file_and_another_format_are_refused(tmp_path: Path) -> None:
    stored("xgboost", tmp_path)
    (path,) = tmp_path.glob("estimator-*")
    path.rename(tmp_path / "moved")
    with pytest.raises(ValueError, match=rf"{path.name}: expected the file with the SHA-256 digest \w+, found none"):
        CompiledModel.load(tmp_path)
    (tmp_path / "compiled.json").write_text('{"format": 2}')
    with pytest.raises(ValueError, match=r"compiled\.json: expected the format 1, found 2"):
        CompiledModel.load(tmp_path)
    (tmp_path / "compiled.json").write_text("[]")
    with pytest.raises(ValueError, match=r"compiled\.json: expected a JSON object with the key format; found none"):
        CompiledModel.load(tmp_path)


def test_a_place_that_is_no_number_is_refused(tmp_path: Path) -> None:
    stored("ridge", tmp_path)
    content = json.loads((tmp_path / "compiled.json").read_text())
    content["steps"][0]["place"] = "0]; print(1"
    (tmp_path / "compiled.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"step of age: place: expected a whole number, found '0\]; print\(1'"):
        CompiledModel.load(tmp_path)


def same_as_the_pipeline(folder: Path, plain: Artefact) -> bool:
    rows = json_rows(50, seed=3)
    model = CompiledModel.load(folder)
    model.warm_up()
    output = model.predict(model.encode(checked(rows, plain.contract).values, len(rows)))
    return model.row_encoder(rows) is None and np.array_equal(output, plain.output(frame(rows, plain.contract)))


def test_an_older_artefact_predicts_by_its_pipeline(tmp_path: Path) -> None:
    plain = trained("xgboost")
    plain.save(tmp_path, code=SCRIPTS)
    assert same_as_the_pipeline(tmp_path, plain)
    assert Artefact.load(tmp_path).pipeline is not None


def test_an_unknown_estimator_leaves_the_pipeline_with_the_reason(tmp_path: Path) -> None:
    plain = trained("ridge")
    rows = frame(json_rows(100, seed=1), plain.contract)
    plain.save(tmp_path, code=SCRIPTS)
    other: Any = type("Other", (), {"__getitem__": lambda _, place: plain.pipeline[place] if place != -1 else object()})
    reason = compile_model(Artefact(other(), plain.contract, (0.0,)), [rows], tmp_path)
    assert reason == "object: expected a known pipeline; found an estimator of another class"
    content = json.loads((tmp_path / "compiled.json").read_text())
    assert content["estimator"] == {"kind": "plain", "reason": reason}
    assert same_as_the_pipeline(tmp_path, plain)
    assert not list(tmp_path.glob("estimator-*"))


def test_a_difference_above_the_tolerance_leaves_the_pipeline_with_the_reason(tmp_path: Path) -> None:
    class Shifted(Artefact):
        def output(self, frame: pd.DataFrame) -> np.ndarray:
            return super().output(frame) + 1

    plain = trained("ridge")
    plain.save(tmp_path, code=SCRIPTS)
    shifted = Shifted(plain.pipeline, plain.contract, plain.baseline)
    reason = compile_model(shifted, [frame(json_rows(100, seed=1), plain.contract)], tmp_path)
    assert re.fullmatch(r"its output differs from the pipeline's by 0\.\d+, above 1e-06", reason or "")
    assert same_as_the_pipeline(tmp_path, plain)


def test_outputs_differ_by_the_largest_probability_or_relative_number_or_by_another_class() -> None:
    close, far = np.array([[0.4, 0.6], [0.9, 0.1]]), np.array([[0.4, 0.6], [0.1, 0.9]])
    assert difference(close, close + 1e-7) == pytest.approx(1e-7)
    assert difference(close, far) == np.inf
    assert difference(close, close[:1]) == np.inf
    draw = np.array([[0.5, 0.5]])
    assert difference(draw, draw + np.array([[0.0, 1e-8]])) == pytest.approx(1e-8)
    assert difference(np.array([1e6, 0.5]), np.array([1e6 + 1, 0.5])) == pytest.approx(1e-6)


@pytest.mark.parametrize("name", ["xgboost", "xgboost binary", "xgboost number"])
def test_few_rows_of_xgboost_are_computed_without_its_library(name: str, tmp_path: Path) -> None:
    stored(name, tmp_path)
    assert json.loads((tmp_path / "compiled.json").read_text())["estimator"]["few_rows"]


def test_what_the_comparison_found_is_stored(tmp_path: Path) -> None:
    stored("random_forest", tmp_path)
    found = json.loads((tmp_path / "compiled.json").read_text())["compared"]
    assert found == {"rows": 600, "difference": 0.0, "tolerance": 1e-6}


def test_a_file_outside_of_the_folder_or_without_a_digest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    stored("ridge", tmp_path / "model")
    path = tmp_path / "model" / "compiled.json"
    content = json.loads(path.read_bytes())
    name = content["estimator"]["file"]
    (tmp_path / name).write_bytes((tmp_path / "model" / name).read_bytes())
    outside = f"../{name}"
    digest = content["files"].pop(name)
    for files, file in (({outside: digest}, outside), ({}, name)):
        forged = {
            **content,
            "files": {**content["files"], **files},
            "estimator": {**content["estimator"], "file": file},
        }
        path.write_text(json.dumps(forged), encoding="utf-8")
        with pytest.raises(ValueError, match="expected the digests of files in its folder"):
            CompiledModel.load(path.parent)


@pytest.mark.parametrize(
    ("array", "value"), [("left", 0), ("left", 10**6), ("feature", -1), ("depth", 10**9), ("threshold", 0)]
)
def test_trees_that_lead_back_or_out_of_their_arrays_are_refused(array: str, value: int) -> None:
    arrays = {
        "feature": np.array([0, 0, 0]), "threshold": np.array([1, np.inf, np.inf], "float32"),
        "left": np.array([1, 1, 2]), "roots": np.array([0]), "depth": np.array(1),
    }  # fmt: skip
    assert Trees.of(arrays).leaves(np.zeros((1, 1), "float32")).tolist() == [[1]]
    arrays[array] = np.array(value) if array == "depth" else np.append(arrays[array][:-1], value)
    with pytest.raises(ValueError, match="trees: expected"):
        Trees.of(arrays)
