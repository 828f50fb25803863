"""The transformers of engineered features: what each kind encodes, and which of them have folds."""

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from tabular.columns import Column
from tabular.contract import Contract
from tabular.engineered.pipelines import set_folds, steps
from tabular.engineered_features import Engineered

FEATURES = (Column("age", "number", nullable=True), Column("colour", "category"), Column("town", "category"))
ENGINEERED = (
    Engineered(name="age bin", kind="bins", of=("age",), edges=(10.0, 20.0)),
    Engineered(name="pair__", kind="interaction", of=("colour", "town")),
    Engineered(name="towns", kind="count", of=("town",)),
    Engineered(name="mean", kind="target_encoding", of=("town",), smoothing=0.0),
)
CONTRACT = Contract("small", "regression", "score", (), "r2", FEATURES, 1, engineered=ENGINEERED)
FRAME = pd.DataFrame(
    {
        "age": np.repeat([5.0, 10.0, 30.0, np.nan], 15),
        "colour": ["red"] * 30 + ["blue"] * 30,
        "town": ["Ulm"] * 45 + ["Bonn"] * 15,
    }
)
TARGET = np.arange(60.0)


def fitted() -> dict[str, Pipeline]:
    """Return the fitted transformers by their names."""
    return {name: step.fit(FRAME[columns], TARGET) for name, step, columns in steps(CONTRACT, ENGINEERED)}


def standardised(numbers: np.ndarray) -> np.ndarray:
    return np.asarray((numbers - numbers.mean()) / numbers.std())[:, None]


def test_each_kind_encodes_the_columns_of_its_feature() -> None:
    is_ulm = (FRAME["town"] == "Ulm").to_numpy()
    bins, interaction, count, encoding = fitted().values()
    assert np.array_equal(bins.transform(FRAME[["age"]]), np.repeat(np.eye(4), 15, axis=0))
    pairs = np.eye(3)[np.repeat([2, 1, 0], [30, 15, 15])]  # in the order of the texts: blue Bonn, blue Ulm, red Ulm
    assert np.array_equal(interaction.transform(FRAME[["colour", "town"]]), pairs)
    assert np.allclose(count.transform(FRAME[["town"]]), standardised(np.where(is_ulm, 45.0, 15.0)))
    means = np.where(is_ulm, TARGET[is_ulm].mean(), TARGET[~is_ulm].mean())
    scaler = encoding["standardscaler"]  # fitted to the means of other folds
    assert np.allclose(encoding.transform(FRAME[["town"]])[:, 0], (means - scaler.mean_) / scaler.scale_)


def test_the_name_of_a_transformer_begins_with_its_kind() -> None:
    assert list(fitted()) == ["bins 0", "interaction 1", "count 2", "target_encoding 3"]


def test_a_target_encoding_has_the_classes_the_smoothing_and_the_seed_of_the_contract() -> None:
    classes = Contract("small", "multiclass", "grade", ("a", "b", "c"), "f1_macro", FEATURES, 7)
    ((_, step, _),) = steps(classes, [Engineered(name="m", kind="target_encoding", of=("town",), smoothing="auto")])
    assert step["targetencoding"].get_params() == {"classes": 3, "smoothing": "auto", "seed": 7, "folds": None}


def test_folds_are_set_for_target_encodings_only_and_none_clears_them() -> None:
    folds = [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30))]
    made = [("numbers", Pipeline([("none", "passthrough")]), ["age"]), *steps(CONTRACT, ENGINEERED)]
    target = made[-1][1]["targetencoding"]
    set_folds(made, folds)
    assert target.folds is folds
    encoded = target.fit_transform(FRAME[["town"]].to_numpy(), TARGET)[:, 0]
    assert (encoded[0], encoded[59]) == (TARGET[30:45].mean(), TARGET[:30].mean())
    set_folds(made, None)
    assert target.folds is None
