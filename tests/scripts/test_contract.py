import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabular.columns import Column
from tabular.contract import FILE, Contract
from tests.scripts.models import FEATURES, contract


def written(folder: Path, text: str) -> Path:
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("algorithm", ["xgboost", "ridge"])
def test_a_contract_is_read_as_it_was_written(tmp_path: Path, algorithm: str) -> None:
    terms = contract(algorithm)
    assert Contract.read(written(tmp_path, terms.json())) == terms


def test_a_contract_of_another_version_with_other_keys_is_read(tmp_path: Path) -> None:
    content = json.loads(contract("xgboost").json())
    for column in content["features"]:
        column["colour_of_the_plot"] = "red"
        del column["missing"], column["thousands"]
    known = Contract.read(written(tmp_path, json.dumps(content)))
    assert [column.name for column in known.features] == [column.name for column in FEATURES]
    assert known.features[1].missing == ()


def test_keys_of_the_schema_that_requests_do_not_need_are_not_in_the_contract() -> None:
    @dataclass(frozen=True)
    class Described(Column):
        description: str = "of the plot"

    terms = Contract("small", "binary", "passed", ("no", "yes"), "f1", (Described("age", "integer"),), 1)
    assert "of the plot" not in terms.json()


def test_inputs_are_floats_and_categories_with_nan_for_what_is_missing() -> None:
    frame = pd.DataFrame(
        {
            "age": pd.array([15, None], dtype="Int64"),
            "hours": [1.5, np.nan],
            "colour": pd.array(["red", None], dtype="string"),
            "origin": ["no", "yes"],
            "more": [1, 2],
        },
        index=[7, 3],
    )
    inputs = contract("xgboost").inputs(frame)
    assert list(inputs) == ["age", "hours", "colour", "origin"]
    assert list(inputs.index) == [7, 3]
    assert inputs["age"].dtype == inputs["hours"].dtype == "float64"
    assert inputs.loc[7].tolist() == [15.0, 1.5, "red", "no"]
    assert [value != value for value in inputs.loc[3]] == [True, True, True, False]


def test_the_target_is_class_numbers_or_floats() -> None:
    classes = contract("xgboost").outputs(pd.DataFrame({"passed": ["yes", "no", "yes"]}))
    assert classes.dtype == "int64"
    assert classes.tolist() == [1, 0, 1]
    values = contract("ridge").outputs(pd.DataFrame({"passed": pd.array([3, 4], dtype="Int64")}))
    assert values.dtype == "float64"
    assert values.tolist() == [3.0, 4.0]
