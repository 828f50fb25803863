"""The steps of engineered features by hand: edges of bins, missing and unseen categories, counts."""

import numpy as np
import pandas as pd
import pytest

from tabular.engineered.keys import NO_KEY, key_of
from tabular.engineered.transformers import Bins, Counts, Keys


def column(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype="float64")[:, None]


@pytest.mark.parametrize(
    ("bins", "edges"),
    [
        (Bins(4, "quantile"), [2.0, 3.0, 4.0]),
        (Bins(4, "width"), [3.0, 5.0, 7.0]),
        (Bins(edges=(0.5, 8.0)), [0.5, 8.0]),
        (Bins(edges=[3.0]), [3.0]),
    ],
)
def test_the_edges_are_quantiles_equal_widths_or_as_given(bins: Bins, edges: list[float]) -> None:
    assert bins.fit(column(1, 2, 3, 4, 9, np.nan)).edges_.tolist() == edges


def test_equal_quantiles_are_one_edge() -> None:
    assert Bins(10, "quantile").fit(column(*[0] * 30, 5)).edges_.tolist() == [0.0]


def test_an_edge_belongs_to_the_bin_above_it_and_a_missing_number_has_its_own() -> None:
    found = Bins(edges=(1.0, 2.0)).fit(column(0)).transform(column(0.9, 1, 1.9, 2, 99, -99, np.nan))
    assert found[:, 0].tolist() == ["0", "1", "1", "2", "2", "0", "missing"]


def test_keys_are_of_all_columns_with_missing_ones_whatever_type_pandas_has() -> None:
    texts = pd.DataFrame({"a": np.array(["x", np.nan, "x"], dtype=object), "b": ["1", "2", "1"]})
    expected = [[key_of(["x", "1"])], [key_of([None, "2"])], [key_of(["x", "1"])]]
    for frame in (texts, texts.astype("category"), texts.astype("string")):
        assert Keys().fit_transform(frame).tolist() == expected


def test_a_key_has_the_number_of_training_rows_with_it_and_a_new_one_none() -> None:
    keys = np.array([["p"], ["q"], ["p"]], dtype=object)
    assert Counts().fit(keys).transform(np.array([["p"], ["q"], [NO_KEY]], dtype=object)).tolist() == [[2], [1], [0]]
