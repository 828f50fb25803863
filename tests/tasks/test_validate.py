from pathlib import Path

import pandas as pd
import pytest

from config.errors import ConfigError, GateError
from config.use_case import load_use_case, use_case_names
from tasks import storage, suites
from tasks.ingest import ingest
from tasks.suites import build_suite, load_suite
from tasks.validate import validate
from tests.use_cases import small_use_case


def rows(count: int) -> pd.DataFrame:
    numbers = range(count)
    return pd.DataFrame(
        {
            "id": [str(number + 1) for number in numbers],
            "age": [str(10 + number % 20) for number in numbers],
            "colour": [["red", "green", ""][number % 3] for number in numbers],
            "origin": [["here", "there"][number % 2] for number in numbers],
            "passed": [["no", "yes"][number % 2] for number in numbers],
        }
    )


def spoil(frame: pd.DataFrame) -> dict[int, str]:
    """Make 40 rows bad in five ways; return the reason that each one's first has to be."""
    reasons = {}
    for place, row in enumerate(range(0, 960, 24)):
        column, value, reason = [
            ("age", "99", "age: expected a whole number from 10 to 30, found 99"),
            ("age", "old", "age: expected a whole number from 10 to 30, found 'old'"),
            ("age", "", "age: expected a whole number from 10 to 30, found nothing"),
            ("colour", "blue", "colour: expected one of green, red, found 'blue'"),
            ("origin", "secret", "origin: expected one of here, there, found (hidden: sensitive)"),
        ][place % 5]
        frame.loc[row, column] = value
        reasons[row] = reason
    return reasons


def test_quarantine_keeps_exactly_the_40_bad_rows_of_1000_with_their_reasons(bucket: str, tmp_path: Path) -> None:
    frame = rows(1000)
    expected = spoil(frame)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    case = small_use_case(name="validate_forty")

    validated = validate.fn(case, ingest.fn(case, str(tmp_path / "rows.csv")))

    quarantine = storage.get_parquet(validated.quarantine_uri)
    assert {row: list(reasons) for row, reasons in zip(quarantine["row"], quarantine["reasons"], strict=True)} == {
        row: [reason] for row, reason in expected.items()
    }
    kept = storage.get_parquet(validated.uri)
    assert (validated.rows, validated.quarantined, len(kept)) == (960, 40, 960)
    assert set(kept["id"]) == {row + 1 for row in range(1000)} - {row + 1 for row in expected}


def test_a_row_has_all_its_reasons(bucket: str, tmp_path: Path) -> None:
    frame = rows(20)
    frame.loc[3, ["id", "age", "passed"]] = ["1", "99", "maybe"]
    frame.to_csv(tmp_path / "rows.csv", index=False)
    case = small_use_case(name="validate_reasons")
    quarantine = storage.get_parquet(validate.fn(case, ingest.fn(case, str(tmp_path / "rows.csv"))).quarantine_uri)
    assert {row: sorted(reasons) for row, reasons in zip(quarantine["row"], quarantine["reasons"], strict=True)} == {
        0: ["id: expected no two rows with the same, found another"],
        3: [
            "age: expected a whole number from 10 to 30, found 99",
            "id: expected no two rows with the same, found another",
            "passed: expected one of no, yes, found 'maybe'",
        ],
    }


def test_a_batch_that_breaks_the_gate_stops_with_a_report(bucket: str, tmp_path: Path) -> None:
    frame = rows(100)
    frame.loc[:19, "age"] = "99"
    frame.to_csv(tmp_path / "rows.csv", index=False)
    case = small_use_case(name="validate_gate", quality={"minimum_rows": 90, "maximum_quarantined_share": 0.1})
    with pytest.raises(GateError) as stopped:
        validate.fn(case, ingest.fn(case, str(tmp_path / "rows.csv")))
    assert "good rows: expected at least 90, found 80" in str(stopped.value)
    assert "quarantined rows: expected at most 10.0%, found 20.0%" in str(stopped.value)
    report = storage.get_json(str(stopped.value).rsplit("Report: ", 1)[1])
    assert report["quarantined_by_column"] == {"age": 20}


@pytest.mark.parametrize("name", use_case_names())
def test_the_suite_that_is_kept_is_the_one_that_the_schema_asks_for(name: str) -> None:
    case = load_use_case(name)
    assert suites.suite_path(case).is_file()
    assert load_suite(case) == build_suite(case)


def test_a_schema_that_has_changed_since_its_suite_was_built_is_refused() -> None:
    case = load_use_case("cake_popularity")
    columns = {**case.columns, "age": case.columns["age"].model_copy(update={"maximum": 30})}
    with pytest.raises(ConfigError, match=r"the schema has changed.*vishwaops suite --use-case cake_popularity"):
        load_suite(case.model_copy(update={"columns": columns}))
