from typing import Any

import pytest
from pydantic import ValidationError

from config.column_names import LONGEST, RESERVED, RESERVED_IN_REQUESTS, RESERVED_PREFIX
from tasks.model_contract import FILE, LINE, MALFORMED, TEXT, UNREAD
from tasks.rows.answer_columns import INFERENCE_ROW, PREDICTION, PROBABILITY
from tasks.rows.input_rows import INPUT_ROW
from tasks.rows.quarantine import REASONS
from tasks.rows.row_database import ROW
from tasks.rows.scored_rows import IDENTITY, INFERENCE
from tests.use_cases import small_use_case


def with_column(name: str, **column: Any) -> None:
    columns = small_use_case().model_dump()["columns"]
    small_use_case(columns={**columns, name: {"type": "number", **column}})


@pytest.mark.parametrize("name", [*sorted(RESERVED), f"{RESERVED_PREFIX}yes"])
def test_a_column_that_the_lifecycle_adds_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=f"columns: expected a name that VishwaOps does not use.*found '{name}'"):
        with_column(name)


def test_the_names_that_the_lifecycle_adds_are_reserved() -> None:
    ours = {UNREAD, FILE, LINE, MALFORMED, TEXT, REASONS, ROW}
    assert ours | {INPUT_ROW, PREDICTION, INFERENCE_ROW, "line"} == RESERVED - {INFERENCE}
    assert set(IDENTITY.names) == RESERVED_IN_REQUESTS | {INFERENCE, ROW}
    assert PROBABILITY == RESERVED_PREFIX


@pytest.mark.parametrize("name", ["", " ", " x", "x\u00a0", "a\nb", "a\u200bb", "x" * (LONGEST + 1)])
def test_a_name_with_invisible_characters_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="columns: expected a name of 1 to 255 visible characters"):
        with_column(name)


@pytest.mark.parametrize("column", ["", "prediction", "probability_x", " y"])
def test_a_rule_s_result_has_such_a_name_too(column: str) -> None:
    target = {"column": column, "task": "binary", "rule": "age > 12", "classes": ["no", "yes"]}
    with pytest.raises(ValidationError, match=r"target\.column: expected a name"):
        small_use_case(target=target, features=["colour"])


@pytest.mark.parametrize(("header", "message"), [(" age ", "each header once, found 'age'"), ("  ", "only blanks")])
def test_headers_are_compared_without_blanks_around_them(header: str, message: str) -> None:
    with pytest.raises(ValidationError, match=f"columns: expected .*{message}"):
        with_column("other", header=header)


def test_any_other_name_may_be_a_column_s() -> None:
    for name in ("class", "Größe (cm)", "a.b", "../x", "名前", "texts"):
        with_column(name)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"categories": [" a", "b"]}, "expected categories without blanks around them, found ' a'"),
        ({"categories": ["", "b"]}, "expected categories without blanks around them, found ''"),
        ({"categories": ["NA", "b"], "missing": ["na"]}, "expected missing to have none of the categories, found 'NA'"),
    ],
)
def test_a_category_that_no_cell_can_have_is_refused(column: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        with_column("other", **{**column, "type": "category"})


@pytest.mark.parametrize("name", sorted(RESERVED_IN_REQUESTS))
def test_a_name_of_live_traffic_is_refused_for_a_feature_only(name: str) -> None:
    with_column(name)
    columns = small_use_case().model_dump()["columns"]
    with pytest.raises(ValidationError, match=f"features: expected a name that live traffic .*found '{name}'"):
        small_use_case(columns={**columns, name: {"type": "number"}}, features=["age", name])
