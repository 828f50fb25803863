"""The columns of a fitted one-hot encoder are those that scikit-learn writes."""

from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import OneHotEncoder

from tabular.compiled.one_hot_offsets import offsets

COLOURS = ["red"] * 3 + ["blue"] + ["green"] * 2 + ["amber"]
TOWNS = ["Ulm"] * 4 + ["Bonn"] * 3
NEW = "new"


@pytest.mark.parametrize(
    ("rules", "widths"),
    [
        ({"handle_unknown": "infrequent_if_exist", "min_frequency": 2}, [3, 2]),
        ({"handle_unknown": "infrequent_if_exist", "min_frequency": 4}, [1, 2]),
        ({"handle_unknown": "ignore"}, [4, 2]),
    ],
)
def test_each_category_has_the_column_that_scikit_learn_writes(rules: dict[str, Any], widths: list[int]) -> None:
    training = np.array([COLOURS, TOWNS], dtype=object).T
    encoder = OneHotEncoder(sparse_output=False, **rules).fit(training)
    assert [offsets(encoder, number)[2] for number in range(2)] == widths
    for number in range(2):
        known, other, width = offsets(encoder, number)
        assert known.keys() == set(training[:, number])
        for text in (*known, NEW):
            row = training[:1].copy()
            row[0, number] = text
            (written,) = np.split(encoder.transform(row)[0], [widths[0]])[number : number + 1]
            place = known.get(text, other)
            assert written.tolist() == [float(each == place) for each in range(width)]
