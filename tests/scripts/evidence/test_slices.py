"""The worst slices, in rows with and without a planted one."""

import json
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest, mannwhitneyu

from tabular.columns import Column
from tabular.evidence.judged import JudgedRows
from tabular.evidence.slices import evidence
from tests.scripts.evidence.answers import a_contract

COLUMNS = (
    Column("age", "integer"),
    Column("colour", "category", categories=("green", "red", "blue")),
    Column("hours", "number", nullable=True),
    Column("town", "category"),
    Column("income", "number", sensitive=True),
    Column("born", "date"),
)


def judged(task: str, rows: int, seed: int, planted: float = 0.0) -> JudgedRows:
    """Rows whose predictions are wrong more often, or by more, for blue ones of at least 50."""
    random = np.random.default_rng(seed)
    colour, age = random.choice(["green", "red", "blue"], rows), random.integers(18, 66, rows)
    town = random.choice(["secretly", "openly"], rows)
    columns = {
        "age": pa.array(age), "colour": pa.array(colour), "town": pa.array(town),
        "hours": pa.array(np.where(random.random(rows) < 0.1, np.nan, random.random(rows)), from_pandas=True),
        "income": pa.array(random.lognormal(size=rows)), "born": pa.array(age, pa.int32()).cast(pa.date32()),
    }  # fmt: skip
    bad = (colour == "blue") & (age >= 54)
    contract = replace(a_contract(task), features=COLUMNS)
    if task == "regression":
        value = random.normal(size=rows)
        error = random.standard_t(3, rows) * np.where(bad, 1 + 8 * planted, 1)
        return JudgedRows(contract, value, value + error, columns)
    truth = random.integers(0, 2, rows)
    wrong = random.random(rows) < np.where(bad, 0.1 + planted, 0.1)
    return JudgedRows(contract, truth, np.eye(2)[np.where(wrong, 1 - truth, truth)], columns)


def found_in(rows: JudgedRows) -> dict[str, Any]:
    """The evidence, as JSON has it."""
    return dict(json.loads(json.dumps(evidence(rows), allow_nan=False)))


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_planted_slice_of_two_columns_is_the_worst(task: str) -> None:
    rows = judged(task, 4_000, seed=1, planted=0.4)
    found = found_in(rows)
    worst = found["slices"][0]
    assert [part["column"] for part in worst["slice"]] == ["age", "colour"]
    assert worst["slice"][1]["group"] == "blue"
    age = int(worst["slice"][0]["group"].split()[0])
    inside = (rows.columns["age"].to_numpy() >= age) & (np.array(rows.columns["colour"].to_pylist()) == "blue")
    wrong = np.abs(rows.truth - rows.output) if task == "regression" else rows.truth != rows.decided
    assert worst["rows"] == inside.sum()
    assert worst["value"] == pytest.approx(wrong[inside].mean())
    assert worst["low"] < worst["value"] < worst["high"]
    assert worst["others"] == pytest.approx(wrong[~inside].mean())
    assert worst["others"] < worst["low"]
    if task == "regression":
        p = mannwhitneyu(wrong[inside], wrong[~inside], alternative="greater", use_continuity=False).pvalue
    else:
        p = binomtest(int(wrong[inside].sum()), int(inside.sum()), wrong.mean(), "greater").pvalue
    assert worst["p"] == pytest.approx(min(p * found["tried"], 1), rel=1e-6, abs=1e-300)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_rows_without_a_worse_slice_have_none_for_all_that_are_tried(task: str) -> None:
    found = [found_in(judged(task, 1_000, seed=seed)) for seed in range(20)]
    assert all(each["tried"] > 50 for each in found)
    assert sum(bool(each["slices"]) for each in found) <= 3  # each has 5 % chance


def test_a_single_bad_category_is_one_slice_and_not_also_its_parts() -> None:
    rows = judged("binary", 4_000, seed=2)
    blue = np.array(rows.columns["colour"].to_pylist()) == "blue"
    wrong = blue & (np.random.default_rng(3).random(4_000) < 0.4)
    rows = replace(rows, output=np.where(wrong[:, None], np.eye(2)[1 - rows.truth], rows.output))
    assert [each["slice"] for each in found_in(rows)["slices"]] == [[{"column": "colour", "group": "blue"}]]


def test_the_same_rows_by_another_column_are_listed_once() -> None:
    rows = judged("binary", 4_000, seed=2)
    blue = np.array(rows.columns["colour"].to_pylist()) == "blue"
    wrong = blue & (np.random.default_rng(3).random(4_000) < 0.4)
    twice = {**rows.columns, "town": pa.array(np.where(blue, "here", "there"))}
    rows = replace(rows, output=np.where(wrong[:, None], np.eye(2)[1 - rows.truth], rows.output), columns=twice)
    assert [each["slice"] for each in found_in(rows)["slices"]] == [[{"column": "colour", "group": "blue"}]]


def test_a_sensitive_column_is_sliced_by_declared_groups_only() -> None:
    rows = judged("binary", 2_000, seed=4)
    bad = rows.columns["income"].to_numpy() > 2
    rows = replace(rows, output=np.where(bad[:, None], np.eye(2)[1 - rows.truth], rows.output))
    assert all(part["column"] != "income" for each in found_in(rows)["slices"] for part in each["slice"])
    declared = replace(rows, settings={"groups": {"income": {"borders": [1.5]}}})
    assert found_in(declared)["slices"][0]["slice"] == [{"column": "income", "group": "1.5 and above"}]


def test_small_slices_are_not_tried_and_rows_without_columns_have_no_evidence() -> None:
    rows = judged("binary", 40, seed=5)
    assert found_in(rows)["tried"] == 0
    assert evidence(replace(rows, contract=a_contract())) is None


def test_many_rows_and_columns_take_seconds() -> None:
    random = np.random.default_rng(6)
    features = tuple(Column(f"c{number}", "number") for number in range(35))
    columns = {column.name: pa.array(random.random(150_000)) for column in features}
    truth = random.integers(0, 2, 150_000)
    output = np.eye(2)[np.where(random.random(150_000) < 0.1, 1 - truth, truth)]
    rows = JudgedRows(replace(a_contract(), features=features), truth, output, columns)
    begin = time.process_time()
    found = found_in(rows)
    assert time.process_time() - begin < 10
    assert (found["rows"], found["tried"]) == (100_000, 35 * 4 + 35 * 34 // 2 * 16)
