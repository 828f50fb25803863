import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io

from config.settings import SCRIPTS
from tabular.artefact import Artefact
from tabular.model_files import CODE, MODEL_FILE
from tabular.pipeline_model import TRUSTED
from tests.scripts.models import ALGORITHMS, contract, rows, small_model


class Unknown:
    """A type that no pipeline contains."""


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_model_of_every_algorithm_predicts_the_same_after_it_is_stored(algorithm: str, tmp_path: Path) -> None:
    model, frame = small_model(algorithm), rows(contract(algorithm), 20, seed=3)
    model.save(tmp_path, code=SCRIPTS)
    loaded = Artefact.load(tmp_path)
    assert np.array_equal(loaded.output(frame), model.output(frame))
    assert (loaded.contract, loaded.baseline) == (model.contract, model.baseline)


def test_a_model_with_a_type_that_is_not_trusted_is_refused_by_its_name(tmp_path: Path) -> None:
    small_model().save(tmp_path, code=SCRIPTS)
    skops.io.dump(Unknown(), tmp_path / MODEL_FILE)
    with pytest.raises(ValueError, match=r"model\.skops: refused: expected only trusted types, found .*\.Unknown$"):
        Artefact.load(tmp_path)


def test_nothing_that_can_run_code_is_trusted() -> None:
    modules = {name.split(".")[0] for name in TRUSTED}
    assert modules == {"numpy", "sklearn", "tabular", "xgboost"}
    assert all(name.startswith("tabular.engineered.") for name in TRUSTED if name.startswith("tabular."))


def test_the_serving_code_is_stored_without_compiled_files_and_may_be_stored_again(tmp_path: Path) -> None:
    for _ in range(2):
        small_model().save(tmp_path, code=SCRIPTS)
    assert {path.name for path in (tmp_path / "code").iterdir()} == set(CODE)
    assert list(tmp_path.rglob("__pycache__")) == []
    assert (tmp_path / "code" / "tabular" / "expressions" / "__init__.py").is_file()


def test_the_features_of_a_row_are_numbers_and_a_missing_one_is_marked() -> None:
    model = small_model()
    frame = rows(model.contract, 2, seed=3)
    frame.loc[0, "hours"] = np.nan
    features = model.features(frame)
    assert features.shape[0] == 2
    assert np.isfinite(features).all()


@pytest.mark.parametrize(
    ("algorithm", "baseline", "expected"),
    [("xgboost", (0.25, 0.75), [[0.25, 0.75]] * 3), ("ridge", (4.5,), [4.5] * 3)],
)
def test_a_naive_prediction_is_the_same_for_every_row(
    algorithm: str, baseline: tuple[float, ...], expected: list[Any]
) -> None:
    model = Artefact(None, contract(algorithm), baseline)
    assert model.naive_output(3).tolist() == expected


def test_the_baseline_is_readable_without_the_model(tmp_path: Path) -> None:
    small_model().save(tmp_path, code=SCRIPTS)
    assert json.loads((tmp_path / "baseline.json").read_text()) == [0.5, 0.5]
