from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from config.errors import ConfigError, GateError
from config.use_case import load_use_case, use_case_names
from tasks import locations, storage
from tasks import validate as validating
from tasks.ingest import ingest
from tasks.rows import suites
from tasks.rows.suites import build_suite, load_suite
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
        0: ["id: expected unique values, found another row with the same"],
        3: [
            "age: expected a whole number from 10 to 30, found 99",
            "id: expected unique values, found another row with the same",
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
def test_the_stored_suite_is_that_of_the_schema(name: str) -> None:
    case = load_use_case(name)
    assert suites.suite_path(case).is_file()
    assert load_suite(case) == build_suite(case)


def test_a_schema_that_has_changed_since_its_suite_was_built_is_refused() -> None:
    case = load_use_case("cake_popularity")
    columns = {**case.columns, "age": replace(case.columns["age"], maximum=30.0)}
    with pytest.raises(ConfigError, match=r"the schema has changed.*vishwaops suite --use-case cake_popularity"):
        load_suite(case.model_copy(update={"columns": columns}))


def test_malformed_rows_are_in_quarantine_with_line_and_text_and_count_for_the_gate(
    bucket: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    good = "".join(f"{number},12,red,here,yes\n" for number in range(4, 10))
    path.write_text(
        f'id,age,colour,origin,passed\n1,12,red,here,yes\n\n2,13,red,here\n3,99,red,here,no\n{good}10,"1"2,,,\n'
    )
    case = small_use_case(name="validate_malformed")
    validated = validate.fn(case, ingest.fn(case, str(path)))
    quarantine = storage.get_parquet(validated.quarantine_uri)
    assert quarantine[["row", "source_line"]].to_numpy().tolist() == [[1, 4], [2, 5], [9, 12]]
    assert [reasons[0] for reasons in quarantine["reasons"]] == [
        "malformed row: expected 5 cells as in the header, found 4",
        "age: expected a whole number from 10 to 30, found 99",
        "malformed row: expected a delimiter after the closing quote, found other text",
    ]
    assert quarantine["text"].fillna("").tolist() == ["2,13,red,here", "", '10,"1"2,,,']
    failed = [check for check in storage.get_json(validated.report_uri)["checks"] if not check["passed"]]
    assert [check["examples"] for check in failed] == [
        [
            "line 4: malformed row: expected 5 cells as in the header, found 4",
            "line 12: malformed row: expected a delimiter after the closing quote, found other text",
        ],
        ["line 5: age: expected a whole number from 10 to 30, found 99"],
    ]
    assert storage.get_parquet(validated.uri)["id"].tolist() == [1, 4, 5, 6, 7, 8, 9]
    strict = small_use_case(name="validate_strict", quality={"minimum_rows": 1, "maximum_quarantined_share": 0.2})
    with pytest.raises(GateError, match=r"quarantined rows: expected at most 20.0%, found 30.0%"):
        validate.fn(strict, ingest.fn(strict, str(path)))


def test_rows_without_a_target_are_set_apart_and_not_quarantined(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,hours,score\n1,5,50\n2,6,\n3,7,70\n4,8,NA\n5,,\n6,9,high\n")
    case = small_use_case(
        name="validate_no_target",
        columns={
            "id": {"type": "integer"},
            "hours": {"type": "number"},
            "score": {"type": "number", "sensitive": True},
        },
        target={"column": "score", "task": "regression"},
        features=["hours"],
        candidates=[{"name": "ridge", "algorithm": "ridge"}],
        evaluation={"primary": "mae", "gates": [{"metric": "mae", "at_most": 9}]},
    )
    validated = validate.fn(case, ingest.fn(case, str(tmp_path / "rows.csv")))
    assert (validated.rows, validated.without_target, validated.quarantined) == (2, 2, 2)
    assert storage.get_parquet(validated.uri)["score"].tolist() == [50, 70]
    folder = validated.uri.rpartition("/")[0]
    assert storage.get_parquet(f"{folder}/without_target.parquet")["id"].tolist() == [2, 4]
    assert storage.get_parquet(validated.quarantine_uri)["id"].tolist() == [5, 6]
    assert storage.get_json(validated.report_uri)["without_target"] == 2


def test_integers_that_floats_confuse_are_different_keys(bucket: str, tmp_path: Path) -> None:
    case = small_use_case(name="validate_digits", columns={**small_use_case().columns, "id": {"type": "integer"}})
    ids = [740245381351497731, 740245381351497732, 740245381351497999, 9007199254740992, 9007199254740993]
    rows(5).assign(id=[str(number) for number in ids]).to_csv(tmp_path / "rows.csv", index=False)
    rows(5).assign(id=ids, age=range(10, 15)).to_parquet(tmp_path / "rows.parquet")
    for name in ("rows.csv", "rows.parquet"):
        validated = validate.fn(case, ingest.fn(case, str(tmp_path / name)))
        assert storage.get_parquet(validated.uri)["id"].tolist() == ids
    rows(6).assign(id=[str(number) for number in [*ids, ids[0]]]).to_csv(tmp_path / "rows.csv", index=False)
    assert validate.fn(case, ingest.fn(case, str(tmp_path / "rows.csv"))).quarantined == 2


def test_a_row_that_lacks_a_nullable_column_of_the_rule_keeps_its_target(bucket: str, tmp_path: Path) -> None:
    case = small_use_case(
        name="validate_nullable_rule",
        columns={
            "id": {"type": "integer"},
            "age": {"type": "integer"},
            "hours": {"type": "number", "nullable": True},
            "grade": {"type": "number"},
        },
        target={"column": "busy", "task": "binary", "rule": "hours is null or grade > 5", "classes": ["no", "yes"]},
        features=["age"],
    )
    (tmp_path / "rows.csv").write_text("id,age,hours,grade\n1,9,,6\n2,9,1,\n")
    validated = validate.fn(case, ingest.fn(case, str(tmp_path / "rows.csv")))
    assert storage.get_parquet(validated.uri)["id"].tolist() == [1]
    assert (validated.without_target, validated.quarantined) == (1, 0)


def test_rows_that_are_the_same_are_counted_reported_and_kept(
    bucket: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rows(100).assign(id="7", age="12", colour="").to_csv(tmp_path / "rows.csv", index=False)
    case = small_use_case(name="validate_duplicates", key=[])
    validated = validate.fn(case, ingest.fn(case, str(tmp_path / "rows.csv")))
    assert (validated.rows, validated.duplicates) == (100, 98)
    assert storage.get_json(validated.report_uri)["duplicates"] == 98
    assert "100 rows kept, 0 quarantined, 98 equal to an earlier row" in caplog.text


def test_batches_are_judged_as_one_dataset(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = rows(40)
    frame.loc[[33, 3], "id"] = "999"
    frame.loc[[5, 38], "age"] = "99"
    frame.loc[[0, 39], "passed"] = ""
    text = frame.to_csv(index=False).splitlines(keepends=True)
    (tmp_path / "rows.csv").write_text("".join([*text[:21], "short,row\n", *text[21:], text[40]]))
    case = small_use_case(name="validate_batches")
    dataset = ingest.fn(case, str(tmp_path / "rows.csv"))
    found = []
    for size in (200_000, 7):
        monkeypatch.setattr(validating, "BATCH_ROWS", size)
        monkeypatch.setattr(locations, "validated", lambda name, digest, size=size: f"s3://{bucket}/{name}/{size}")
        found.append(validate.fn(case, dataset))
    whole, cut = found
    assert (whole.rows, whole.quarantined, whole.without_target, whole.duplicates) == (34, 7, 1, 1)
    for name in ("uri", "quarantine_uri"):
        pd.testing.assert_frame_equal(*(storage.get_parquet(getattr(each, name)) for each in found))
    assert storage.get_parquet(cut.quarantine_uri)["row"].tolist() == [3, 5, 20, 34, 39, 40, 41]
