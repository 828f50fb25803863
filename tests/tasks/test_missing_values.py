"""A column's own markers mean a missing value, for every type, in CSV, in Parquet and in a request."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from config.use_case import UseCase
from serving.media_types import CSV, JSON
from serving.readers import reader_of
from tabular import contract_frames
from tabular.checked import check_columns
from tabular.series import series_of
from tasks.model_contract import contract
from tasks.sources import source_of
from tests.source_rows import typed_frame
from tests.use_cases import small_use_case

KINDS: dict[str, tuple[dict[str, Any], list[Any], object]] = {
    "integer": ({"type": "integer", "missing": ["-200", "?"]}, [-200, "-200.0", "?", " -200 "], 7),
    "number": ({"type": "number", "missing": ["-200", "?"]}, [-200, -200.0, "-200.00", "?"], 7.5),
    "category": ({"type": "category", "missing": ["-200", "?"]}, ["?", "-200", " ? ", -200], "seven"),
    "ordered": (
        {"type": "category", "ordered": True, "categories": ["low", "high"], "missing": ["?", "-200"]},
        ["?", "-200", " ? ", -200],
        "low",
    ),
    "text": (
        {"type": "text", "missing": ["-200", "No Comment"]},
        ["no comment", "-200", " NO COMMENT ", -200],
        "seven",
    ),
}
"""For each type: its column, the cells of four rows that are missing, and a cell of a row that is not."""


def case(kind: str) -> UseCase:
    columns = small_use_case().model_dump()["columns"]
    columns["extra"] = {**KINDS[kind][0], "nullable": True}
    return small_use_case(columns=columns, features=["age", "extra"])


def rows(kind: str) -> pd.DataFrame:
    _, markers, value = KINDS[kind]
    cells = pd.Series([*markers, value], dtype=object)
    return pd.DataFrame(
        {"id": range(1, 6), "age": 15, "colour": "red", "origin": "here", "passed": "no", "extra": cells}
    )


@pytest.mark.parametrize("kind", KINDS)
def test_markers_are_missing_in_a_csv_file(kind: str, tmp_path: Path) -> None:
    rows(kind).to_csv(tmp_path / "rows.csv", index=False)
    found = typed_frame(case(kind), source_of(case(kind), str(tmp_path / "rows.csv")))
    assert (found["unread_cells"] == "").all()
    assert found["extra"].isna().tolist() == [True] * 4 + [False]
    assert found["extra"].iloc[4] == KINDS[kind][2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("as_text", [True, False])
def test_markers_are_missing_in_a_parquet_file(kind: str, as_text: bool, tmp_path: Path) -> None:
    frame = rows(kind)
    if as_text:
        frame["extra"] = frame["extra"].astype(str)
    else:
        numeric = [cell for cell in frame["extra"] if not isinstance(cell, str)]
        frame = frame[: len(numeric)].assign(extra=numeric)
    frame.to_parquet(tmp_path / "rows.parquet")
    found = typed_frame(case(kind), source_of(case(kind), str(tmp_path / "rows.parquet")))
    expected = [str(cell) != str(KINDS[kind][2]) for cell in frame["extra"]]
    assert found["extra"].isna().tolist() == expected
    assert (found["unread_cells"] == "").all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("media", [JSON, CSV])
def test_markers_are_missing_in_a_request(kind: str, media: str) -> None:
    terms, frame = contract(case(kind)), rows(kind)[["age", "extra"]]
    body = frame.to_csv(index=False) if media == CSV else json.dumps(frame.to_dict("records"))
    sent = reader_of(media).read(body, terms.features, None)
    checked = check_columns(sent.cells, terms.features, sent.count)
    assert checked.problems() == []
    assert checked.values["extra"].is_null().to_pylist() == [True] * 4 + [False]
    typed_rows = pd.DataFrame({name: series_of(values, pd.RangeIndex(5)) for name, values in checked.values.items()})
    inputs = contract_frames.inputs(terms, typed_rows)["extra"]
    assert ((inputs == "") | inputs.isna()).tolist() == [True] * 4 + [False]


def test_a_date_s_marker_is_a_date_in_its_format_or_a_text(tmp_path: Path) -> None:
    columns = small_use_case().model_dump()["columns"]
    columns["extra"] = {"type": "date", "format": "%d/%m/%Y", "missing": ["01/01/1900", "?"], "nullable": True}
    dated = small_use_case(columns=columns)
    cells = ["1/1/1900", "?", "01/01/1900", " ? ", "31/01/2018"]
    rows("text").assign(extra=cells).to_csv(tmp_path / "rows.csv", index=False)
    days = pd.to_datetime(["1900-01-01", None, "1900-01-01", None, "2018-01-31"])
    rows("text").assign(extra=days).to_parquet(tmp_path / "rows.parquet")
    for name in ("rows.csv", "rows.parquet"):
        found = typed_frame(dated, source_of(dated, str(tmp_path / name)))["extra"]
        assert found.isna().tolist() == [True] * 4 + [False]
