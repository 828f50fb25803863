"""Suites: built from the schema, edited by people, built again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from config.use_case import UseCase
from tasks.rows.suites import build_suite, load_suite, save_suite, suite_path
from tests.use_cases import small_use_case


@pytest.fixture
def case() -> Iterator[UseCase]:
    found = small_use_case(name="suite_of_people")
    yield found
    suite_path(found).unlink(missing_ok=True)


def edit(case: UseCase, edited: list[dict[str, Any]]) -> None:
    suite = json.loads(suite_path(case).read_text())
    suite_path(case).write_text(json.dumps({**suite, "expectations": edited}))


def test_building_again_replaces_generated_expectations_and_keeps_those_of_people(case: UseCase) -> None:
    save_suite(case)
    built = load_suite(case)["expectations"]
    own = {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "colour", "regex": "^r"}}
    narrower = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "age", "min_value": 12, "max_value": None},
        "meta": {"severity": "warn"},
    }
    only_warns = {**built[0], "meta": {"generated": True, "severity": "warn"}}
    edit(case, [own, only_warns, *built[1:], narrower])
    wider, free = replace(case.columns["age"], maximum=40.0), replace(case.columns["colour"], categories=None)
    changed = case.model_copy(update={"columns": {**case.columns, "age": wider, "colour": free}})
    save_suite(changed)
    expected = build_suite(changed)["expectations"]
    assert load_suite(changed)["expectations"] == [only_warns, *expected[1:], own, narrower]


def test_a_suite_of_an_older_version_is_read_and_rebuilt_as_generated(case: UseCase) -> None:
    save_suite(case)
    own = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 3}}
    plain = [{"type": each["type"], "kwargs": each["kwargs"]} for each in build_suite(case)["expectations"]]
    edit(case, [*plain, own])
    assert load_suite(case)["expectations"] == [*build_suite(case)["expectations"], own]
    save_suite(case)
    assert json.loads(suite_path(case).read_text())["expectations"] == [*build_suite(case)["expectations"], own]
