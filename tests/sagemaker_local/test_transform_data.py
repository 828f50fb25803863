"""JSONPath, joins and inference ids of batch transform, and records in batches, without running a job."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.executors.transform_capture import Stamp
from sagemaker_local.executors.transform_data import DataProcessing, JsonPath
from sagemaker_local.executors.transform_records import RecordError, batches, records

ROW = ["a", "b", "c", "d", "e"]
OBJECT = {"id": 7, "deep": {"x": [1, 2], "y": 3}, "SageMakerOutput": 0.5}
ALL = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}


@pytest.mark.parametrize(
    ("path", "value", "selected"),
    [
        ("$", ROW, ROW),
        ("$[0]", ROW, "a"),
        ("$[-1]", ROW, "e"),
        ("$[0,-1]", ROW, ["a", "e"]),
        ("$[1:3]", ROW, ["b", "c", "d"]),
        ("$[:2]", ROW, ["a", "b", "c"]),
        ("$[3:]", ROW, ["d", "e"]),
        ("$.id", OBJECT, 7),
        ("$.deep.x[0]", OBJECT, 1),
        ("$.deep.x[0:]", OBJECT, [1, 2]),
        ("$.deep.*", OBJECT, [[1, 2], 3]),
        ("$['id','SageMakerOutput']", OBJECT, {"id": 7, "SageMakerOutput": 0.5}),
        ("$.deep.['x','y']", OBJECT, {"x": [1, 2], "y": 3}),
    ],
)
def test_a_path_selects(path: str, value: Any, selected: Any) -> None:
    assert JsonPath(path).select(value) == selected


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("$[0:1,3]", ROW, r"Format \[0:1,3\] is not supported"),
        ("$[9]", ROW, "selects nothing"),
        ("$[0,9]", ROW, "index is out of range"),
        ("$[3:9]", ROW, "the array has 5 elements"),
        ("$.id[0:1]", OBJECT, "a range needs an array"),
        ("$['id','no']", OBJECT, "an attribute is not there"),
        ("id", OBJECT, r"must begin with \$"),
        ("$.[", OBJECT, "Invalid JsonPath"),
    ],
)
def test_a_path_that_is_none_or_finds_nothing_says_so(path: str, value: Any, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        JsonPath(path).select(value)


def test_results_that_are_not_one_for_each_record_cannot_be_joined() -> None:
    processing = DataProcessing({**ALL, "JoinSource": "Input"}, "text/csv", "text/csv")
    assert processing.results([b"1", b"2"], b"x\ny\n") == [b"1,x", b"2,y"]
    with pytest.raises(RecordError, match="2 records with 1 results"):
        processing.results([b"1", b"2"], b"x\n")


def test_json_results_get_their_inference_id_as_attributes() -> None:
    processing = DataProcessing(ALL, "application/jsonlines", "application/jsonlines", Stamp(0.0))
    first, second = map(json.loads, processing.results([b"{}", b"{}"], b'{"output": 1}\n2\n'))
    assert first["output"] == 1
    assert second["SageMakerOutput"] == 2
    assert first["SageMakerInferenceTime"] == "1970-01-01T00:00:00Z"
    assert first["SageMakerInferenceId"] != second["SageMakerInferenceId"]


def test_lines_lose_their_ends_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b" 1 \r\n\n2")
    assert list(records(tmp_path / "rows", "Line", bare=False)) == [b" 1 ", b"", b"2"]


def test_a_batch_holds_as_many_bytes_as_the_limit_and_no_more() -> None:
    every = [b"12", b"34", b"5", b"6789A"]
    whole = [batch.payload for batch in batches(every, bytes, "Line", single=False, most=5)]
    assert whole == [b"12\n34", b"5", b"6789A"]
    assert [batch.records for batch in batches(every, bytes, "Line", single=False, most=0)] == [every]
    with pytest.raises(RecordError, match="Too much data for max payload size"):
        list(batches(every, bytes, "Line", single=False, most=4))


LONG = "x" * 200_000


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ("", []),
        ("a", ["a"]),
        ("a,,", ["a", "", ""]),
        (",", ["", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""yes""",""', ['say "yes"', ""]),
        ('a"b, c', ['a"b', " c"]),
        (f'7,{LONG},"{LONG}"', ["7", LONG, LONG]),
    ],
)
def test_fields_are_those_of_rfc_4180_whatever_their_length(record: str, fields: list[str]) -> None:
    processing = DataProcessing({**ALL, "InputFilter": "$[:]"}, "text/csv", "text/csv")
    sent = processing.sent(record.encode()).decode() if fields else ""
    limit = csv.field_size_limit(1_000_000)
    try:
        assert next(csv.reader([sent]), []) == fields
    finally:
        csv.field_size_limit(limit)
    assert csv.field_size_limit() == limit, "the limit of the process is unchanged"


@pytest.mark.parametrize("record", ['"a', '"a"b', 'a,"b', "a\rb", '"a""'])
def test_wrong_quotes_are_refused(record: str) -> None:
    processing = DataProcessing({**ALL, "InputFilter": "$[0]"}, "text/csv", "text/csv")
    with pytest.raises(RecordError, match="A record is not CSV: the quotes or line ends of field"):
        processing.sent(record.encode())


def test_a_long_field_is_filtered_and_joined() -> None:
    processing = DataProcessing({**ALL, "InputFilter": "$[0]", "JoinSource": "Input"}, "text/csv", "text/csv")
    record = f"7,{LONG}".encode()
    assert processing.sent(record) == b"7"
    assert processing.results([record], b"14\r\n") == [record + b",14"]
