import pytest

from config.errors import ConfigError
from tasks.rows.spark_checks import KINDS
from tasks.rows.spark_plan import plan
from tasks.rows.suites import build_suite
from tests.use_cases import small_use_case

GATE = {"minimum_rows": 1, "maximum_quarantined_share": 0.5}


def test_rules_have_the_order_of_the_checks_on_one_machine() -> None:
    case = small_use_case(
        quality={**GATE, "rows": [{"rule": "age > 1", "severity": "warn"}], "duplicates": "quarantine"}
    )
    found = plan(case, build_suite(case))
    kinds = [rule.kind for rule in found.checked.rules]
    assert kinds == ["malformed row", *["unread cell"] * 5, *kinds[6:-3], "row rule", "duplicate", "repeated values"]
    described = found.described()
    assert described["expressions"] == [(len(kinds) - 3, "age > 1")]
    assert described["warned"] == [len(kinds) - 3]
    assert described["duplicates"]["blocking"] == [n for n in range(len(kinds) - 3) if n not in described["excused"]]
    assert described["repeats"][0]["columns"] == ["id"]
    assert "kept" in KINDS


@pytest.mark.parametrize(
    ("name", "value"),
    [("references", [{"columns": ["id"], "file": "x.csv"}]), ("freshness", {"column": "day", "within_days": 1})],
)
def test_checks_that_spark_can_not_run_are_refused_by_name(name: str, value: object) -> None:
    columns = {**_columns(), "day": {"type": "date"}}
    case = small_use_case(columns=columns, quality={**GATE, name: value})
    with pytest.raises(ConfigError, match=f"quality.{name}: expected none with `engine: spark`"):
        plan(case, build_suite(case))


def _columns() -> dict[str, object]:
    return {
        "id": {"type": "integer"},
        "age": {"type": "integer"},
        "colour": {"type": "category", "categories": ["green", "red"]},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
