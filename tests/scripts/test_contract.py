import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabular import contract_frames
from tabular.columns import Column
from tabular.contract import FILE, Contract
from tabular.derived import Derived
from tabular.engineered_features import Engineered
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
    inputs = contract_frames.inputs(contract("xgboost"), frame)
    assert list(inputs) == ["age", "hours", "colour", "origin"]
    assert list(inputs.index) == [7, 3]
    assert inputs["age"].dtype == inputs["hours"].dtype == "float64"
    assert inputs.loc[7].tolist() == [15.0, 1.5, "red", "no"]
    assert [value != value for value in inputs.loc[3]] == [True, True, True, False]


def test_the_target_is_class_numbers_or_floats() -> None:
    classes = contract_frames.outputs(contract("xgboost"), pd.DataFrame({"passed": ["yes", "no", "yes"]}))
    assert classes.dtype == "int64"
    assert classes.tolist() == [1, 0, 1]
    values = contract_frames.outputs(contract("ridge"), pd.DataFrame({"passed": pd.array([3, 4], dtype="Int64")}))
    assert values.dtype == "float64"
    assert values.tolist() == [3.0, 4.0]


def with_derived() -> Contract:
    features = (Column("won", "number"), Column("played", "integer", nullable=True), Column("note", "text"))
    derived = (
        Derived(name="rate", expression="won / played", type="number"),
        Derived(name="often", expression="rate > 0.4", type="category", sensitive=True),
    )
    return Contract("small", "regression", "score", (), "r2", features, 1, derived, ("often", "won", "note"))


def test_a_contract_with_derived_columns_is_read_as_it_was_written_and_computes_them(tmp_path: Path) -> None:
    terms = Contract.read(written(tmp_path, with_derived().json()))
    assert terms == with_derived()
    frame = pd.DataFrame({"won": [1.0, 1.0, 1.0], "played": [2, 5, None], "note": ["a", None, "b\nc"]}, index=[4, 2, 7])
    inputs = contract_frames.inputs(terms, frame)
    assert list(inputs) == ["often", "won", "note"]
    assert inputs["often"].astype(object).where(inputs["often"].notna(), None).tolist() == ["true", "false", None]
    assert inputs["note"].tolist() == ["a", "", "b\nc"]
    assert [column.type for column in terms.input_columns] == ["category", "number", "text"]


def test_a_contract_with_engineered_features_and_dates_is_read_as_it_was_written(tmp_path: Path) -> None:
    features = (
        Column("day", "date", minimum=datetime(2020, 1, 1), maximum=datetime(2020, 12, 31)),
        Column("town", "category"),
    )
    derived = (Derived(name="month", expression="month(day)", type="number"),)
    engineered = (
        Engineered(name="quarter", kind="bins", of=("month",), edges=(3.5, 6.5, 9.5)),
        Engineered(name="mean", kind="target_encoding", of=("town",), smoothing="auto"),
    )
    inputs, hidden = ("month", "town"), ("town",)
    terms = Contract("small", "regression", "score", (), "r2", features, 1, derived, inputs, engineered, hidden)
    assert Contract.read(written(tmp_path, terms.json())) == terms
    assert [column.name for column in terms.encoded_columns] == ["month"]


def test_keys_that_a_schema_does_not_use_are_not_in_its_contract_whose_digest_stays() -> None:
    content = json.loads(contract("xgboost").json())
    assert content.keys() == {"use_case", "task", "target", "classes", "primary", "features", "seed"}
    assert not {"ordered", "max_length"} & content["features"][0].keys()
    level = Column("level", "category", categories=("low", "high"), ordered=True)
    text = Contract("small", "regression", "score", (), "r2", (level,), 1).json()
    assert json.loads(text)["features"][0]["ordered"] is True


def test_a_contract_whose_derived_columns_can_not_be_computed_is_refused_with_the_reason() -> None:
    terms = Contract("small", "regression", "score", (), "r2", (), 1, with_derived().derived, ("often",))
    with pytest.raises(ValueError, match=r"rate.*expected a column of the schema; found 'won'"):
        contract_frames.inputs(terms, pd.DataFrame({"won": [1.0]}))
