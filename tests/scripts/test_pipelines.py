import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io

from tabular.artefact import Artefact
from tabular.columns import Column
from tabular.contract import Contract
from tabular.features import CONSTANT, EMPTY, unusable
from tabular.pipelines import build_pipeline

ROWS = 60
FEATURES = (
    Column("number", "number", nullable=True),
    Column("other", "number", nullable=True),
    Column("colour", "category", nullable=True),
)


def contract(*names: str) -> Contract:
    features = tuple(column for column in FEATURES if column.name in names)
    return Contract("small_one", "binary", "passed", ("no", "yes"), "roc_auc", features, 1)


def frame(**changes: Any) -> pd.DataFrame:
    chance = np.random.default_rng(1)
    columns = {
        "number": chance.normal(size=ROWS),
        "other": chance.normal(size=ROWS),
        "colour": chance.choice(["red", "green"], ROWS),
        "passed": ["no", "yes"] * (ROWS // 2),
    }
    return pd.DataFrame({**columns, **{name: np.full(ROWS, value) for name, value in changes.items()}})


def trained(
    terms: Contract, rows: pd.DataFrame, algorithm: str = "logistic_regression", **hyperparameters: Any
) -> Artefact:
    left_out = unusable(rows, [column.name for column in terms.features])
    pipeline = build_pipeline(terms, algorithm, hyperparameters, 1, left_out)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipeline.fit(terms.inputs(rows), terms.outputs(rows))
    return Artefact(pipeline, terms, (0.5, 0.5))


def test_an_empty_or_constant_feature_has_no_information() -> None:
    rows = frame(number=np.nan, other=5.0, colour="red")
    assert unusable(rows, ["number", "other", "colour"]) == {"number": EMPTY, "other": CONSTANT, "colour": CONSTANT}
    rows.loc[0, ["other", "colour"]] = None
    assert unusable(rows, ["other", "colour"]) == {}, "that a value is missing may say something"


@pytest.mark.parametrize("algorithm", ["logistic_regression", "random_forest", "xgboost"])
@pytest.mark.parametrize(
    ("names", "changes"),
    [
        (("number", "other", "colour"), {"number": np.nan}),
        (("number", "other", "colour"), {"number": np.nan, "other": 5.0}),
        (("number", "colour"), {"number": np.nan}),
        (("number", "colour"), {"colour": None}),
        (("number", "colour"), {"colour": "red"}),
        (("number",), {}),
        (("colour",), {}),
    ],
)
def test_a_model_is_trained_without_it_and_takes_its_values_still(
    algorithm: str, names: tuple[str, ...], changes: dict[str, Any]
) -> None:
    terms = contract(*names)
    model = trained(terms, frame(**changes), algorithm)
    assert model.output(frame(**changes)).shape == (ROWS, 2)
    assert np.array_equal(model.output(frame(**changes)), model.output(frame(**dict.fromkeys(changes, None)))), (
        "what the training rows do not have decides nothing"
    )


def test_a_model_without_a_feature_can_be_stored(tmp_path: Path) -> None:
    model = trained(contract("number", "colour"), frame(colour=None))
    skops.io.dump(model.pipeline, tmp_path / "model.skops")
    loaded = skops.io.load(
        tmp_path / "model.skops", trusted=skops.io.get_untrusted_types(file=tmp_path / "model.skops")
    )
    assert list(loaded.feature_names_in_) == ["number", "colour"]


def test_weights_go_by_the_names_of_classes() -> None:
    model = trained(contract("number"), frame(), class_weight={"no": 1, "yes": 50})
    assert model.output(frame())[:, 1].mean() > 0.9
