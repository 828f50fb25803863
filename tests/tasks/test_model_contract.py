import json
from pathlib import Path
from typing import Any

import pandas as pd

from config.use_case import UseCase
from tabular.columns import Column
from tabular.contract import Contract
from tabular.formats import Format
from tabular.series import typed
from tasks.model_contract import columns, contract, with_marks
from tests.use_cases import small_use_case

PLAIN = small_use_case().model_dump()["columns"]


def case() -> UseCase:
    age = {"type": "integer", "minimum": 10, "maximum": 30, "header": "Age in years", "description": "At the survey."}
    return small_use_case(columns={**PLAIN, "age": age})


def written(made: Contract, folder: Path, **changes: Any) -> Contract:
    content = json.loads(made.json())
    content["features"] = [{**feature, **changes} for feature in content["features"]]
    (folder / "contract.json").write_text(json.dumps(content))
    return Contract.read(folder)


def test_the_columns_of_the_schema_know_their_names_and_what_a_value_has_to_be() -> None:
    known = columns(case())
    assert list(known) == list(PLAIN)
    assert all(column.name == name for name, column in known.items())
    assert known["age"].expected == "a whole number from 10 to 30"
    assert known["origin"].shown("here") == "(hidden: sensitive)"


def test_a_contract_that_was_written_is_read_as_plain_columns(tmp_path: Path) -> None:
    read = written(contract(case()), tmp_path)
    assert read.features == (
        Column("age", "integer", minimum=10, maximum=30),
        Column("colour", "category", categories=("green", "red"), nullable=True),
    )
    assert (read.target, read.task, read.classes, read.primary) == ("passed", "binary", ("no", "yes"), "roc_auc")


def test_a_contract_does_not_have_the_headers_of_the_source() -> None:
    assert "Age in years" not in contract(case()).json()


def test_a_contract_of_an_older_version_is_read(tmp_path: Path) -> None:
    assert written(contract(case()), tmp_path, expected="text of an older version").features[0].maximum == 30


def test_the_marks_of_a_file_are_read_as_its_format_says() -> None:
    age = with_marks(columns(case()), Format(decimal=",", thousands=".", missing=("-9", "unknown")))["age"]
    values, bad = typed(pd.Series(["1.234", "-9,0", "2,5"]), age)
    assert (values.tolist(), bad.tolist()) == ([1234, pd.NA, pd.NA], [False, False, True])


def test_the_model_s_seed_is_its_own_and_not_the_split_s() -> None:
    shares = {"validation": 0.2, "test": 0.2}
    by_time = small_use_case(split={"by": "time", "column": "age", **shares})
    other_split = small_use_case(split={"by": "random", "seed": 99, **shares})
    assert contract(by_time).seed == contract(other_split).seed == contract(small_use_case()).seed
    assert contract(small_use_case(seed=5)).seed == 5
