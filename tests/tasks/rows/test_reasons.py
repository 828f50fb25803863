"""The texts of reasons."""

import pyarrow as pa

from tasks.model_contract import columns
from tasks.rows.reasons import place, reason_texts
from tasks.rows.rules import EXPECTATION, REPEAT, Rule
from tests.use_cases import small_use_case

KNOWN = columns(small_use_case())
ROWS = pa.RecordBatch.from_pydict({"age": [5, 99], "origin": ["x", "y"]})


def test_a_reason_has_the_value_that_was_found() -> None:
    found = reason_texts(Rule(0, EXPECTATION, ("age",), "an age"), KNOWN, ROWS)
    assert found.to_pylist() == ["age: expected an age, found 5", "age: expected an age, found 99"]


def test_sensitive_values_are_hidden_beside_others() -> None:
    found = reason_texts(Rule(0, EXPECTATION, ("age", "origin"), "a pair"), KNOWN, ROWS)
    assert found[0].as_py() == "age, origin: expected a pair, found age 5, origin (hidden: sensitive)"


def test_a_repeat_shows_no_value() -> None:
    found = reason_texts(Rule(0, REPEAT, ("age",), "unique values"), KNOWN, ROWS)
    assert found.to_pylist() == ["age: expected unique values, found another row with the same"] * 2


def test_a_row_without_a_line_is_named_by_its_number() -> None:
    assert [place(0, None, None), place(0, 2, None), place(0, 2, "a.csv")] == ["row 0", "line 2", "a.csv, line 2"]
