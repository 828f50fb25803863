"""The steps that are read from fitted pipelines of engineered features encode as the pipelines do."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabular.columns import Column
from tabular.compiled.encoding import Encoder
from tabular.compiled.engineered_fitted import READERS
from tabular.contract import Contract
from tabular.engineered.pipelines import steps
from tabular.engineered_features import Engineered

CONTRACT = Contract("small", "multiclass", "grade", ("a", "b", "c"), "f1_macro", (Column("age", "number"),), 1)
FEATURES = (
    Engineered(name="age_bin", kind="bins", of=("age",), edges=(5.0, 10.0, 38.0)),
    Engineered(name="age_part", kind="bins", of=("age",), count=4, by="quantile"),
    Engineered(name="pair", kind="interaction", of=("colour", "town")),
    Engineered(name="towns", kind="count", of=("town",)),
    Engineered(name="mean", kind="target_encoding", of=("town",), smoothing="auto"),
    Engineered(name="pair_mean", kind="target_encoding", of=("colour", "town"), smoothing=5.0),
)


def frame(seed: int, *more: str) -> pd.DataFrame:
    """Return 300 rows with missing cells, and with the categories `more`."""
    random = np.random.default_rng(seed)
    colours, towns = [["red", "blue", np.nan, *more], ["Ulm", "Bonn", "Jena", np.nan, *more]]
    return pd.DataFrame(
        {
            "age": np.where(random.random(300) < 0.1, np.nan, random.integers(0, 40, size=300)),
            "colour": random.choice(np.array(colours, dtype=object), size=300),
            "town": random.choice(np.array(towns, dtype=object), size=300),
        }
    )


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_step_encodes_training_rows_and_new_ones_as_its_pipeline(feature: Engineered) -> None:
    training = frame(1)
    ((_, pipeline, columns),) = steps(CONTRACT, [feature])
    pipeline.fit(training[columns], np.random.default_rng(2).integers(3, size=300))
    step = READERS[feature.kind](pipeline, columns, 0)
    assert step.columns == feature.of
    for rows in (training, frame(3, "new")):
        expected = pipeline.transform(rows[columns])
        values = {name: pa.array(rows[name], from_pandas=True) for name in columns}
        assert len(step.places) == expected.shape[1]
        assert np.array_equal(Encoder([step], "float64", {}).encode(values, len(rows)), expected)


def test_a_step_begins_at_its_place_of_the_matrix() -> None:
    ((_, pipeline, columns),) = steps(CONTRACT, FEATURES[:1])
    assert READERS["bins"](pipeline.fit(frame(1)[columns]), columns, 7).places[0] == 7
