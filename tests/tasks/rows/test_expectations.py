"""Great Expectations' gallery, run by SQL: rows, verdicts, and refusals."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from tasks.rows.expectations import Expectations, Outcome
from tasks.rows.row_database import RowDatabase, row_database
from tests.tasks.rows.checks import CASE, check, parquet_files

ROWS: list[dict[str, Any]] = [
    {"id": 15}, {"id": 16, "colour": "green"}, {"age": 20, "id": 9}, {"age": 25, "colour": None, "id": 3}, {"id": 1},
    {"id": 15},
]  # fmt: skip
"""Six rows of age 15, 15, 20, 25, 15, 15, of which the second is green and the fourth has no colour."""
AGE, COLOUR = {"column": "age"}, {"column": "colour"}
WARN = {"meta": {"severity": "warn"}}
PAIR, LIST = {"column_A": "age", "column_B": "id"}, {"column_list": ["age", "id"]}
BY_ROW: dict[str, tuple[dict[str, Any], list[int]]] = {
    "expect_column_pair_values_a_to_be_greater_than_b": (PAIR, [0, 1, 5]),
    "expect_column_pair_values_to_be_equal": (PAIR, [1, 2, 3, 4]),
    "expect_column_pair_values_to_be_in_set": (
        {"column_A": "age", "column_B": "colour", "value_pairs_set": [[15, "red"]]}, [1, 2, 3],
    ),
    "expect_column_value_lengths_to_be_between": ({**COLOUR, "max_value": 3}, [1]),
    "expect_column_value_lengths_to_equal": ({**COLOUR, "value": 3}, [1]),
    "expect_column_value_z_scores_to_be_less_than": ({**AGE, "threshold": 1, "double_sided": True}, [3]),
    "expect_column_values_to_be_between": ({**AGE, "max_value": 20, "strict_max": True}, [2, 3]),
    "expect_column_values_to_be_in_set": ({**AGE, "value_set": [15]}, [2, 3]),
    "expect_column_values_to_be_null": (COLOUR, [0, 1, 2, 4, 5]),
    "expect_column_values_to_be_unique": ({"column": "id"}, [0, 5]),
    "expect_column_values_to_match_like_pattern": ({**COLOUR, "like_pattern": "r%d"}, [1]),
    "expect_column_values_to_match_like_pattern_list": ({**COLOUR, "like_pattern_list": ["r%", "x_"]}, [1]),
    "expect_column_values_to_match_regex": ({**COLOUR, "regex": "e{1}d$"}, [1]),
    "expect_column_values_to_match_regex_list": ({**COLOUR, "regex_list": ["^r", "^x"]}, [1]),
    "expect_column_values_to_not_be_in_set": ({**COLOUR, "value_set": ["green", "it's"]}, [1]),
    "expect_column_values_to_not_be_null": (COLOUR, [3]),
    "expect_column_values_to_not_match_like_pattern": ({**COLOUR, "like_pattern": "g%"}, [1]),
    "expect_column_values_to_not_match_like_pattern_list": ({**COLOUR, "like_pattern_list": ["g%"]}, [1]),
    "expect_column_values_to_not_match_regex": ({**COLOUR, "regex": "ee"}, [1]),
    "expect_column_values_to_not_match_regex_list": ({**COLOUR, "regex_list": ["^g"]}, [1]),
    "expect_compound_columns_to_be_unique": ({"column_list": ["age", "colour"]}, [0, 4, 5]),
    "expect_multicolumn_sum_to_equal": ({**LIST, "sum_total": 16}, [0, 1, 2, 3, 5]),
    "expect_multicolumn_values_to_be_equal": (LIST, [1, 2, 3, 4]),
    "expect_select_column_values_to_be_unique_within_record": (LIST, [0, 5]),
    "unexpected_rows_expectation": ({"unexpected_rows_query": "SELECT * FROM {batch} WHERE age > 17"}, [2, 3]),
}  # fmt: skip
QUANTILES = {"quantiles": [0.5], "value_ranges": [[1, 2]]}
WEIGHTS = {"values": ["red", "green"], "weights": [0.5, 0.5]}
ON_BATCH: dict[str, dict[str, Any]] = {
    "expect_column_distinct_values_to_be_in_set": {**COLOUR, "value_set": ["red"]},
    "expect_column_distinct_values_to_contain_set": {**COLOUR, "value_set": ["blue"]},
    "expect_column_distinct_values_to_equal_set": {**COLOUR, "value_set": ["red"]},
    "expect_column_kl_divergence_to_be_less_than": {**COLOUR, "partition_object": WEIGHTS, "threshold": 0.1},
    "expect_column_max_to_be_between": {**AGE, "max_value": 10},
    "expect_column_mean_to_be_between": {**AGE, "max_value": 10},
    "expect_column_median_to_be_between": {**AGE, "max_value": 10},
    "expect_column_min_to_be_between": {**AGE, "max_value": 10},
    "expect_column_most_common_value_to_be_in_set": {**COLOUR, "value_set": ["green"]},
    "expect_column_proportion_of_non_null_values_to_be_between": {**COLOUR, "min_value": 0.99},
    "expect_column_proportion_of_unique_values_to_be_between": {**AGE, "min_value": 0.99},
    "expect_column_quantile_values_to_be_between": {**AGE, "quantile_ranges": QUANTILES},
    "expect_column_stdev_to_be_between": {**AGE, "max_value": 0.1},
    "expect_column_sum_to_be_between": {**AGE, "max_value": 1},
    "expect_column_to_exist": {"column": "nope"},
    "expect_column_type_to_be": {**AGE, "type_": "VARCHAR"},
    "expect_column_unique_value_count_to_be_between": {**AGE, "max_value": 1},
    "expect_column_values_to_be_in_type_list": {**AGE, "type_list": ["VARCHAR"]},
    "expect_column_values_to_be_of_type": {**AGE, "type_": "VARCHAR"},
    "expect_table_column_count_to_be_between": {"max_value": 2},
    "expect_table_column_count_to_equal": {"value": 2},
    "expect_table_columns_to_match_ordered_list": {"column_list": ["age"]},
    "expect_table_columns_to_match_set": {"column_set": ["age"]},
    "expect_table_row_count_to_be_between": {"max_value": 1},
    "expect_table_row_count_to_equal": {"value": 1},
}
REFUSED: dict[str, dict[str, Any]] = {
    "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than": {**AGE, "partition_object": WEIGHTS, "p": 0.1},
    "expect_column_chisquare_test_p_value_to_be_greater_than": {**COLOUR, "partition_object": WEIGHTS, "p": 0.1},
    "expect_column_pair_cramers_phi_value_to_be_less_than": PAIR,
    "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than": {**AGE, "distribution": "norm"},
    "expect_column_values_to_be_dateutil_parseable": COLOUR,
    "expect_column_values_to_be_decreasing": AGE,
    "expect_column_values_to_be_increasing": AGE,
    "expect_column_values_to_be_json_parseable": COLOUR,
    "expect_column_values_to_match_json_schema": {**COLOUR, "json_schema": {}},
    "expect_column_values_to_match_strftime_format": {**COLOUR, "strftime_format": "%Y"},
    "expect_column_values_to_not_be_outliers": {**AGE, "method": "iqr", "multiplier": 1},
    "expect_multicolumn_values_to_be_unique": LIST,
    "expect_query_results_to_match_comparison": {
        "base_query": "SELECT 1 AS a",
        "comparison_data_source_name": "x",
        "comparison_query": "SELECT 1 AS a",
    },
    "expect_table_row_count_to_equal_other_table": {"other_table_name": "nope"},
}


TYPES = {name: column.type for name, column in CASE.columns.items()}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RowDatabase]:
    files = parquet_files(CASE, tmp_path_factory.mktemp("rows"), ROWS)
    with row_database(files, list(CASE.columns)) as opened:
        yield opened


def run(database: RowDatabase, kind: str, kwargs: dict[str, Any]) -> Outcome:
    (found,) = Expectations(database, TYPES, "small_one").run([{"type": kind, "kwargs": kwargs}])
    return found


def test_each_row_wise_expectation_gives_every_row_that_fails_it(database: RowDatabase) -> None:
    plain = [{"type": kind, "kwargs": kwargs} for kind, (kwargs, _) in BY_ROW.items()]
    outcomes = Expectations(database, TYPES, "small_one").run(plain)
    assert all(outcome.row_wise and not outcome.success for outcome in outcomes)
    found = {outcome.expectation["type"]: failing(database, outcome) for outcome in outcomes}
    assert found == {kind: rows for kind, (_, rows) in BY_ROW.items()}


def failing(database: RowDatabase, outcome: Outcome) -> list[int]:
    query = f"SELECT row FROM numbered_rows WHERE {outcome.predicate} ORDER BY row"
    rows: list[int] = database.connection.execute(query).fetchnumpy()["row"].tolist()
    return rows


def test_each_expectation_on_the_table_gives_a_verdict(database: RowDatabase) -> None:
    plain = [{"type": kind, "kwargs": kwargs} for kind, kwargs in ON_BATCH.items()]
    outcomes = Expectations(database, TYPES, "small_one").run(plain)
    found = {each.expectation["type"]: (each.success, each.row_wise, each.predicate) for each in outcomes}
    assert found == dict.fromkeys(ON_BATCH, (False, False, None))


@pytest.mark.parametrize("kind", REFUSED)
def test_an_expectation_that_sql_does_not_support_is_refused_by_name(database: RowDatabase, kind: str) -> None:
    with pytest.raises(ConfigError, match=f"suite small_one: {kind}: expected an expectation ") as refused:
        run(database, kind, REFUSED[kind])
    assert "\n" not in str(refused.value)


def test_every_expectation_of_the_gallery_is_in_one_of_the_three_groups() -> None:
    import great_expectations.expectations.core as gallery  # here, so that only the worker that runs it imports it

    known = {path.stem for path in Path(gallery.__file__).parent.glob("*expect*.py")}
    assert known == {*BY_ROW, *ON_BATCH, *REFUSED}


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("expect_column_values_to_be_of_type", {**AGE, "type_": "BIGINT"}),
        ("expect_column_mean_to_be_between", {**AGE, "min_value": 17, "max_value": 18}),
        ("expect_table_columns_to_match_ordered_list", {"column_list": list(CASE.columns)}),
        ("expect_column_values_to_be_in_set", {**AGE, "value_set": [15], "mostly": 0.6}),
    ],
)
def test_an_expectation_that_holds_passes(database: RowDatabase, kind: str, kwargs: dict[str, Any]) -> None:
    assert run(database, kind, kwargs).success


def test_a_column_that_does_not_exist_is_refused(database: RowDatabase) -> None:
    with pytest.raises(ConfigError, match=r'expect_column_values_to_be_null: .*"nope"'):
        run(database, "expect_column_values_to_be_null", {"column": "nope"})


def test_an_expectation_on_some_rows_gives_only_these(database: RowDatabase) -> None:
    some = {
        **AGE,
        "max_value": 14,
        "row_condition": 'col("colour") == "green"',
        "condition_parser": "great_expectations",
    }
    found = run(database, "expect_column_values_to_be_between", some)
    assert failing(database, found) == [1]


def test_peoples_expectations_say_what_they_expect(tmp_path: Path) -> None:
    def expectation(kind: str, **kwargs: Any) -> dict[str, Any]:
        return {"type": f"expect_column_{kind}", "kwargs": kwargs}

    found = check(
        tmp_path,
        {"colour": "green"},
        {"age": 20},
        {},
        expectations=[
            expectation("values_to_match_regex", column="colour", regex="^r"),
            {**expectation("values_to_not_match_regex", column="origin", regex="h"), **WARN},
            {**expectation("pair_values_to_be_equal", **PAIR), "description": "an age like the id"},
            {
                **expectation("most_common_value_to_be_in_set", column="origin", value_set=["x"]),
                "meta": {"severity": "warn"},
            },
        ],
    )
    pair = "age, id: expected an age like the id, found age {}, id {}"
    regex = "colour: expected values to match regex (regex ^r), found 'green'"
    assert found.reasons == {0: [regex, pair.format(15, 1)], 1: [pair.format(20, 2)], 2: [pair.format(15, 3)]}
    (on_batch,) = found.checked.batch
    assert (on_batch.severity, on_batch.passed, on_batch.found) == ("warn", False, "(hidden: sensitive)")


WHILE_IMPORTED = """
import importlib, sys, threading
import duckdb
from tasks.rows import expectations
thread = threading.Thread(target=importlib.import_module, args=["great_expectations"])
thread.start()
while "great_expectations" not in sys.modules:
    pass
connection = duckdb.connect()
connection.execute("create table numbers as select 1 as age")
expectations._engine(connection, "numbers")
thread.join()
"""


def test_expectations_wait_for_a_thread_that_is_importing_the_library() -> None:
    ended = subprocess.run([sys.executable, "-c", WHILE_IMPORTED], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
