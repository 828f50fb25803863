from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.use_case import UseCase
from tasks import storage
from tasks.ingest import ingest
from tasks.predict import answered
from tasks.rows.input_rows import check_rows, quarantine_schema, quarantined, read_rows
from tasks.scoring import Scored
from tasks.sources import source_of
from tasks.split import split
from tasks.spreadsheets import people_csv
from tasks.validate import validate
from tests.source_rows import typed_frame
from tests.tasks.rows.checks import check
from tests.use_cases import small_use_case

DAYS = [date(2018, 1 + number % 12, 1 + number * 7 % 28) for number in range(60)]
FORMAT = "%d/%m/%Y"


def dated(name: str, **day: object) -> UseCase:
    columns = small_use_case().model_dump()["columns"]
    return small_use_case(
        name=name,
        columns={**columns, "day": {"type": "date", "format": FORMAT, **day}},
        key=["id", "day"],
        split={"by": "time", "column": "day", "validation": 0.2, "test": 0.2},
    )


def rows() -> pd.DataFrame:
    numbers = range(len(DAYS))
    return pd.DataFrame(
        {
            "id": range(1, len(DAYS) + 1),
            "age": [10 + number % 20 for number in numbers],
            "colour": [["red", "green"][number % 2] for number in numbers],
            "origin": "here",
            "passed": [["no", "yes"][number // 2 % 2] for number in numbers],
            "day": DAYS,
        }
    )


def write_csv(folder: Path, frame: pd.DataFrame) -> str:
    days = [value.strftime(FORMAT) if isinstance(value, date) else value for value in frame["day"]]
    frame.assign(day=days).to_csv(folder / "rows.csv", index=False)
    return str(folder / "rows.csv")


def test_rows_are_ingested_validated_and_split_by_date(bucket: str, tmp_path: Path) -> None:
    case = dated("dates_split", minimum=date(2018, 1, 2))
    frame = rows()
    frame["day"] = [*DAYS[:57], "2018-11-28", "30/02/2018", ""]

    path = write_csv(tmp_path, frame)
    with Path(path).open("a") as file:
        file.write("61,12,red\n")

    validated = validate.fn(case, ingest.fn(case, path))

    expected = "expected a date such as 31/12/2017 (day, month, year) of at least 2018-01-02"
    quarantine = storage.get_parquet(validated.quarantine_uri)
    assert {row: list(why) for row, why in zip(quarantine["row"], quarantine["reasons"], strict=True)} == {
        **{row: [f"day: {expected}, found 2018-01-01"] for row, day in enumerate(DAYS) if day == date(2018, 1, 1)},
        57: [f"day: {expected}, found '2018-11-28'"],
        58: [f"day: {expected}, found '30/02/2018'"],
        59: [f"day: {expected}, found nothing"],
        60: ["malformed row: expected 6 cells as in the header, found 3"],
    }
    assert set(quarantine["day"].dropna()) == {pd.Timestamp("2018-01-01")}
    kept = storage.get_parquet(validated.uri)
    assert kept["day"].dtype == "datetime64[us]"
    parts = split.fn(case, validated)
    train, chosen, test = (
        storage.get_parquet(f"{uri}/part-00000.parquet")["day"]
        for uri in (parts.train_uri, parts.validation_uri, parts.test_uri)
    )
    assert train.max() < chosen.min()
    assert chosen.max() < test.min()
    assert sorted(pd.concat([train, chosen, test])) == sorted(kept["day"])
    assert test.max() == pd.Timestamp(max(DAYS[:57]))


def test_the_same_dates_in_csv_and_parquet_are_one_version(bucket: str, tmp_path: Path) -> None:
    case = dated("dates_version")
    rows().to_parquet(tmp_path / "rows.parquet")
    plain = ingest.fn(case, write_csv(tmp_path, rows()))
    assert ingest.fn(case, str(tmp_path / "rows.parquet")).digest == plain.digest
    other = rows().assign(day=[*DAYS[1:], DAYS[0]])
    assert ingest.fn(case, write_csv(tmp_path, other)).digest != plain.digest


@pytest.mark.parametrize(
    "kind",
    [pa.date32(), pa.date64(), *map(pa.timestamp, ("s", "ms", "us", "ns")), pa.timestamp("us", "Asia/Kolkata"),
     pa.timestamp("ns", "America/New_York"), pa.dictionary(pa.int8(), pa.string())],
    ids=str,
)  # fmt: skip
def test_every_kind_of_parquet_date_is_that_date(kind: pa.DataType, tmp_path: Path) -> None:
    days = [date(2018, 1, 30), None, date(2018, 11, 28)]
    cells = pa.array([day and day.strftime(FORMAT) for day in days]) if pa.types.is_dictionary(kind) else pa.array(days)
    stamped = cells.cast(pa.timestamp(kind.unit)) if pa.types.is_timestamp(kind) else cells
    if pa.types.is_timestamp(kind) and kind.tz:
        stamped = pa.compute.assume_timezone(stamped, kind.tz)
    others = pa.Table.from_pandas(rows().head(3).drop(columns="day"), preserve_index=False)
    pq.write_table(others.append_column("day", stamped.cast(kind)), tmp_path / "rows.parquet")
    case = dated("dates_parquet", nullable=False)
    frame = typed_frame(case, source_of(case, str(tmp_path / "rows.parquet")))
    assert frame["day"].dt.date.tolist() == [days[0], pd.NaT, days[2]]
    assert (frame["unread_cells"] == "").all()


def test_a_date_that_is_a_key_is_unique_and_within_its_limits(tmp_path: Path) -> None:
    columns = {**small_use_case().model_dump()["columns"]}
    limits = {"minimum": date(2018, 1, 1), "maximum": date(2018, 12, 31)}
    case = small_use_case(columns={**columns, "day": {"type": "date", **limits}}, key=["day"])
    days = ["2018-01-01", "2018-12-31", "2017-12-31", "2019-01-01", "2018-06-01", "2018-06-01", None]
    found = check(tmp_path, *({"day": day and datetime.fromisoformat(day)} for day in days), case=case)
    expected = "day: expected a date such as 2017-12-31 (year, month, day) from 2018-01-01 to 2018-12-31, found "
    repeated = "day: expected unique values, found another row with the same"
    assert found.reasons == {
        2: [f"{expected}2017-12-31"],
        3: [f"{expected}2019-01-01"],
        4: [repeated],
        5: [repeated],
        6: [f"{expected}nothing"],
    }


def test_a_key_of_dates_is_read_for_predictions_and_put_beside_the_answers(tmp_path: Path) -> None:
    case, frame = dated("dates_predict"), rows().head(3)
    frame["day"] = [DAYS[0], "2018-11-28", DAYS[2]]
    [read] = read_rows(case, write_csv(tmp_path, frame))
    good, reasons = check_rows(case, read)
    assert reasons == {1: ["day: expected a date such as 31/12/2017 (day, month, year), found '2018-11-28'"]}
    assert quarantined(read, reasons, quarantine_schema(list(read.raw)))["day"].to_pylist() == ["2018-11-28"]
    answer = {"prediction": "no", "probabilities": {"no": 0.75, "yes": 0.25}}
    table = people_csv(answered(case, good, Scored({0: answer, 2: answer})))
    assert [line.split(",")[2] for line in table.splitlines()] == ["day", "2018-01-01", "2018-03-15"]
