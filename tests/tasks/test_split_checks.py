from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from config.errors import GateError
from tabular.features import CONSTANT, EMPTY
from tasks.split_checks import FeatureValues, unused_features
from tests.tasks.split_rows import frame
from tests.use_cases import small_use_case


def test_features_without_information_are_named_and_at_least_one_must_be_usable() -> None:
    case = small_use_case()
    assert unused_features(case, frame()) == {"colour": CONSTANT}
    assert unused_features(case, frame().assign(age=None, colour=["red", "green"] * 150)) == {"age": EMPTY}
    with pytest.raises(GateError, match=r"features: expected one that differs .*; found age empty, colour constant"):
        unused_features(case, frame().assign(age=None))


@pytest.mark.parametrize(
    "values",
    [
        ["a", "b", None],
        ["a", "a", None],
        ["a"] * 5,
        [None] * 5,
        ["a", None, "b"],
        [1, 2, 3],
        [1.0] * 3,
        [7, 7, None],
    ],
)
def test_unused_features_do_not_depend_on_the_batches(values: list[Any]) -> None:
    case = small_use_case()
    rows = frame(len(values)).assign(age=range(len(values)), colour=pd.Series(values, dtype=object))
    for size in (1, 2, len(values)):
        found = FeatureValues(case.inputs)
        for batch in pa.Table.from_pandas(rows).to_batches(max_chunksize=size):
            found.add(batch)
        assert unused_features(case, found.summary()) == unused_features(case, rows)
