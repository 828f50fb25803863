"""The selection and the reduction of a compiled model give the same as the steps of its pipeline."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from tabular.compiled.reduced import Reduced, load, store
from tabular.engineered.reduction import Reduction
from tabular.engineered.selection import Selection

MATRIX = np.random.default_rng(1).normal(size=(50, 6)) * [3, 0.01, 2, 1, 0.02, 5]
SELECTION = ("selection", Selection(variance=0.1))
REDUCTION = ("reduction", Reduction(components=2))


@pytest.mark.parametrize(
    ("steps", "width"), [([SELECTION], 4), ([REDUCTION], 2), ([SELECTION, REDUCTION], 2)], ids=["kept", "pca", "both"]
)
def test_a_stored_model_selects_and_reduces_as_its_pipeline(
    steps: list[tuple[str, Any]], width: int, tmp_path: Path
) -> None:
    pipeline = Pipeline([*steps, ("model", "passthrough")]).fit(MATRIX, MATRIX[:, 0])
    found, content = store(pipeline, tmp_path)
    for reduced in (found, load(content, tmp_path)):
        assert reduced.is_used
        assert np.array_equal(reduced.of(MATRIX, "float64"), pipeline.transform(MATRIX))
        assert reduced.width(6) == width


def test_a_model_without_either_takes_every_encoded_feature(tmp_path: Path) -> None:
    found, content = store(Pipeline([("model", "passthrough")]), tmp_path)
    assert (content, list(tmp_path.iterdir())) == ({}, [])
    for reduced in (found, load(content, tmp_path)):
        assert not reduced.is_used
        assert reduced.of(MATRIX, "float64") is MATRIX
        assert reduced.width(6) == 6


def test_components_are_computed_in_64_bits_and_given_in_the_type_of_the_estimator() -> None:
    reduced = Reduced(None, np.zeros(6), np.ones((1, 6)))
    assert [reduced.encoded_dtype("float32"), Reduced().encoded_dtype("float32")] == ["float64", "float32"]
    found = reduced.of(MATRIX, "float32")
    assert found.dtype == "float32"
    assert np.array_equal(found[:, 0], MATRIX.sum(axis=1).astype("float32"))
