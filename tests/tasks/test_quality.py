"""validate's checks of the whole batch: freshness, volume, other tables, and severities that stop the flow."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.errors import GateError, MissingInput
from config.use_case import UseCase
from tasks import run_records, storage
from tasks.ingest import ingest
from tasks.references import DatasetVersion, StageRecord, ValidatedDataset
from tasks.rows import suites
from tasks.validate import validate, varies_with
from tests.use_cases import small_use_case


def quality_case(name: str, **quality: Any) -> UseCase:
    columns = small_use_case().model_dump()["columns"]
    settings = {"minimum_rows": 1, "maximum_quarantined_share": 0.5, **quality}
    return small_use_case(name=name, columns={**columns, "day": {"type": "date"}}, quality=settings)


def written(folder: Path, count: int, day: str = "2026-01-01") -> str:
    rows = [
        f"{number},{10 + number % 20},red,here,{['no', 'yes'][number % 2]},{day}\n" for number in range(1, count + 1)
    ]
    path = folder / f"rows-{count}-{day}.csv"
    path.write_text("id,age,colour,origin,passed,day\n" + "".join(rows))
    return str(path)


def checked(case: UseCase, location: str) -> ValidatedDataset:
    return validate.fn(case, ingest.fn(case, location))


def failed(validated: ValidatedDataset) -> list[tuple[str, str]]:
    checks = storage.get_json(validated.report_uri)["checks"]
    return [(check["check"], check["found"]) for check in checks if not check["passed"]]


def test_an_old_newest_row_stops_the_flow_or_warns(bucket: str, tmp_path: Path) -> None:
    old = (datetime.now(UTC) - timedelta(days=10)).date().isoformat()
    strict = quality_case("fresh_stop", freshness={"column": "day", "within_days": 3})
    with pytest.raises(GateError, match=r"day: a newest value within 3 days of now \(severity: stop\): found 20"):
        checked(strict, written(tmp_path, 5, old))
    mild = quality_case("fresh_warn", freshness={"column": "day", "within_days": 3, "severity": "warn"})
    found = checked(mild, written(tmp_path, 5, old))
    assert [check for check, _ in failed(found)] == ["day: a newest value within 3 days of now"]
    enough = quality_case("fresh_ok", freshness={"column": "day", "within_days": 12, "against": "ingested"})
    assert failed(checked(enough, written(tmp_path, 5, old))) == []


def test_rows_are_compared_with_the_median_of_earlier_versions(bucket: str, tmp_path: Path) -> None:
    case, title = quality_case("volume", volume={"versions": 3}), "rows: {} to {}, by the median of {} earlier versions"
    assert failed(checked(case, written(tmp_path, 4))) == []
    assert failed(checked(case, written(tmp_path, 90))) == [(title.format(2, 8, 1), "90")]
    assert failed(checked(case, written(tmp_path, 4))) == [(title.format(45, 180, 1), "4")]
    checked(case, written(tmp_path, 100))
    checked(case, written(tmp_path, 110))
    assert failed(checked(case, written(tmp_path, 40))) == [(title.format(50, 200, 3), "40")]
    assert failed(checked(case, written(tmp_path, 60))) == []


def test_values_exist_in_another_use_case_or_in_a_file(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "colours.csv").write_text("name;years\nred;11\nred;12\ngreen;11\n")
    reference = {
        "columns": ["colour", "age"],
        "file": str(tmp_path / "colours.csv"),
        "other_columns": ["name", "years"],
    }
    found = checked(quality_case("refers_file", references=[reference]), written(tmp_path, 3))
    expected = "colour, age: expected values of name, years in {}, found colour 'red', age 13"
    quarantine = storage.get_parquet(found.quarantine_uri)
    assert [list(reasons) for reasons in quarantine["reasons"]] == [[expected.format(tmp_path / "colours.csv")]]

    people = quality_case("refers_people")
    case = quality_case("refers_case", references=[{"columns": ["id"], "use_case": "refers_people"}])
    dataset = ingest.fn(case, written(tmp_path, 4))
    with pytest.raises(MissingInput, match="refers_people"):
        validate.fn(case, dataset)
    keys = []
    for count in (3, 4):
        other = ingest.fn(people, written(tmp_path, count))
        run_records.save.fn(ingested(other, f"run-{count}"))
        keys.append(varies_with(case, dataset))
        found = validate.fn(case, dataset)
        assert (found.rows, found.quarantined) == (count, 4 - count)
    assert keys[0] != keys[1]


def ingested(dataset: DatasetVersion, run: str) -> StageRecord:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return StageRecord(
        use_case=dataset.use_case,
        run=run,
        stage="ingest",
        started=moment,
        seconds=1,
        ran=(),
        reused=False,
        reference=dataset,
    )


@pytest.fixture
def edited() -> Iterator[UseCase]:
    case = quality_case("quality_edited")
    yield case
    suites.suite_path(case).unlink(missing_ok=True)


def test_severities_of_the_suite_warn_quarantine_or_stop(
    bucket: str, tmp_path: Path, edited: UseCase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    suite = suites.build_suite(edited)
    older = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "age", "max_value": 12}}
    few = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 6}}
    for severity, counts in {"warn": (5, 0), "quarantine": (2, 3)}.items():
        suite["expectations"] = [{**older, "meta": {"severity": severity}}, {**few, "meta": {"severity": "warn"}}]
        suites.suite_path(edited).write_text(json.dumps(suite))
        caplog.clear()
        found = checked(edited.model_copy(update={"quality": LENIENT}), written(tmp_path, 5))
        assert (found.rows, found.quarantined) == counts
        rule = "age: values to be between (max value 12)"
        assert f"{severity}: {rule}: 3 rows" in caplog.text
        assert "line 4: age: expected values to be between (max value 12), found 13" in caplog.text
        assert "warn: table: table row count to be between (min value 6): 5" in caplog.text
    suite["expectations"] = [{**older, "meta": {"severity": "stop"}}, few]
    suites.suite_path(edited).write_text(json.dumps(suite))
    with pytest.raises(GateError) as stopped:
        checked(edited.model_copy(update={"quality": LENIENT}), written(tmp_path, 5))
    assert "age: values to be between (max value 12) (severity: stop): found 3 rows that fail" in str(stopped.value)
    assert "table: table row count to be between (min value 6) (severity: stop): found 5" in str(stopped.value)


LENIENT = quality_case("lenient", maximum_quarantined_share=1).quality


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"rows": [{"rule": "agee > 3"}]}, "quality.rows.0.rule: expected a column of the schema; found 'agee'"),
        ({"references": [{"columns": ["colours"], "file": "x"}]}, "quality.references.0.columns: expected columns"),
        ({"references": [{"columns": ["colour"]}]}, "expected use_case or file, one of them; found neither"),
        ({"freshness": {"column": "age", "within_days": 1}}, "quality.freshness.column: expected a date or datetime"),
        ({"duplicates": {"columns": ["x"]}}, "quality.duplicates.columns: expected columns of the schema, found 'x'"),
    ],
)
def test_settings_that_do_not_fit_the_schema_are_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("(", r"\(")):
        quality_case("refused_quality", **settings)
