"""Splits by values: each row is in one part, decided by expressions."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from config.errors import GateError
from config.use_case import UseCase
from tabular.expressions import Field, parse
from tasks.split_values import PartExpressions, texts_in_order
from tests.tasks.split_rows import frame
from tests.use_cases import small_use_case

SEMESTERS = ["2013B", "2013J", "2014B", "2014J", "2015B"]


def case(test: str = "semester >= '2014J'", validation: str = "semester == '2014B'", **changes: Any) -> UseCase:
    columns = {**small_use_case().model_dump()["columns"], "semester": {"type": "category"}}
    split = {"by": "value", "test": test, "validation": validation}
    return small_use_case(columns=columns, split=split, **changes)


def parts(case: UseCase, rows: pd.DataFrame, size: int = 100) -> list[int]:
    by = PartExpressions(case)
    batches = pa.Table.from_pandas(rows, preserve_index=False).to_batches(size)
    found = [number for batch in batches for number in by.parts_of(batch).tolist()]
    by.refuse()
    return found


def test_rows_are_assigned_by_the_values_that_a_person_chose() -> None:
    assert parts(case(), frame(5).assign(semester=SEMESTERS)) == [0, 0, 1, 2, 2]


def test_a_derived_column_may_decide() -> None:
    derived = {"last": {"expression": "age > 20 and semester == '2015B'", "type": "category"}}
    by_derived = case("last", "not last and semester == '2015B'", derived=derived)
    assert parts(by_derived, frame(3).assign(semester="2015B", age=[21, 19, 21])) == [2, 1, 2]


def test_a_row_that_is_in_two_parts_or_in_none_for_certain_is_refused_with_the_number_of_rows() -> None:
    rows = frame(5).assign(semester=SEMESTERS)
    with pytest.raises(GateError, match=r"^small_one: split: expected no row in both test and validation; found 2$"):
        parts(case(validation="semester > '2014B'"), rows, size=2)
    with pytest.raises(GateError, match=r"split.test: .* found null for 1, .*Write `column is not null and"):
        parts(case("colour == 'green'"), rows.assign(colour=["red", None, "red", "red", "green"]))


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        (["01/12/2017", "30/01/2018", "28/11/2018"], 'type: date, format: "%d/%m/%Y"'),
        (["1-Jan-2017", "30-Feb-2018", "28-Nov-2018"], None),
        (["2017-12-01", "2018-01-30", "2018-11-28"], None),
        (["2017/12/01", "2018/01/30", "2018/11/28"], None),
        (["01/12/2017", "30/01/2018", "unknown"], None),
        ([None, None, None], None),
    ],
)
def test_dates_that_would_sort_as_text_are_refused_with_the_format_to_write(
    texts: list[str | None], keys: str | None
) -> None:
    by_text = case("semester is not null and semester > 'x'", "semester is not null and semester < 'a'")
    rows = frame(3).assign(semester=pd.Series(texts, dtype=object))
    if keys is None:
        parts(by_text, rows)
        return
    with pytest.raises(GateError) as refused:
        parts(by_text, rows)
    expected = (
        "expected texts in semester whose order is that of their characters, found dates. Write `{}` in columns.se"
    )
    assert expected.format(keys) in str(refused.value)


def test_only_columns_that_are_compared_by_their_characters_are_examined() -> None:
    fields = {
        "a": Field("text"),
        "b": Field("text", ("x", "y"), ordered=True),
        "c": Field("number"),
        "d": Field("text"),
    }
    found = parse("(a > 'm' or c > 1) and b > 'x' and d == 'z'", fields, text_order=True)
    assert list(texts_in_order(found.root)) == ["a"]
