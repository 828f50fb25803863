import re
from pathlib import Path

import pytest

from config.errors import SourceError
from tabular.formats import Format
from tasks.sources import json_lines
from tasks.sources.json_objects import Objects, parsed
from tasks.sources.location import open_address
from tests.source_rows import at, gathered, malformed_rows, sound_cells, typed_frame
from tests.use_cases import small_use_case

GOOD = b'{"id": 1, "x": "a"}\n'


def written(folder: Path, content: bytes) -> str:
    (folder / "rows").write_bytes(content)
    return str(folder / "rows")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"nope", "expected a JSON object, found text that is not JSON: Expecting value at character 1"),
        (b'{"id": 1', "found text that is not JSON: .* at character 9"),
        (b"[1, 2]", "expected a JSON object, found a list"),
        (b"null", "expected a JSON object, found null"),
        (b"7", "expected a JSON object, found a single value"),
        (b'{"id": NaN}', "found NaN, which is not a number in JSON"),
        (b'{"id": 1, "id": 2}', "expected each key once, found 'id' more than once"),
        (b'{"id": "\xe1"}', "expected text in utf-8, found the byte 0xe1"),
        (b'{"x": "\\ud800"}', "found half of a surrogate pair"),
        (b'{"x": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"id": [1]}', "expected a single value, found a list in 'id'"),
        (b'{"id": {"a": 1}}', "expected a single value, found an object in 'id'"),
    ],
)
def test_a_line_that_is_no_row_is_malformed_with_its_number_and_its_text(
    line: bytes, reason: str, tmp_path: Path
) -> None:
    source = open_address(written(tmp_path, GOOD + b"\n" + line + b"\r\n" + GOOD), headers=["id", "x"])
    (row,) = malformed_rows(source)
    assert row.line == 3
    assert row.text == line.decode("utf-8", "replace")
    assert sound_cells(source) == {"id": ["1", "1"], "x": ["a", "a"]}
    assert re.search(reason, row.reason), row.reason


def test_numbers_keep_their_digits_and_booleans_are_words(tmp_path: Path) -> None:
    line = b'{"big": 740245381351497731, "huge": 123456789012345678901234567890, "half": 0.5, "whole": 5.0, '
    line += b'"thousand": 1e3, "yes": true, "no": null, "text": "1e3", "tiny": 1e-7}\n'
    assert {name: cells[0] for name, cells in at(written(tmp_path, line)).items()} == {
        "big": "740245381351497731",
        "huge": "123456789012345678901234567890",
        "half": "0.5",
        "whole": "5",
        "thousand": "1000",
        "yes": "true",
        "no": None,
        "text": "1e3",
        "tiny": "1e-07",
    }


def test_numbers_of_json_are_not_misread_where_texts_have_a_decimal_comma(tmp_path: Path) -> None:
    case = small_use_case(
        columns={
            "id": {"type": "integer"},
            "age": {"type": "number"},
            "passed": {"type": "category", "categories": ["no", "yes"]},
        },
        target={"column": "passed", "task": "binary", "classes": ["no", "yes"]},
        features=["age"],
    )
    rows = b'{"id": 1, "age": 1.234, "passed": "no"}\n{"id": 2, "age": "1.234,5", "passed": "no"}\n'
    source = open_address(written(tmp_path, rows), Format(decimal=",", thousands="."))
    assert typed_frame(case, source)["age"].tolist() == [1.234, 1234.5]


def test_a_needed_key_that_first_appears_late_is_a_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "SAMPLE_ROWS", 2)
    content = GOOD * 4 + b'{"late": 7, "later": 8}\n' + GOOD
    source = open_address(written(tmp_path, content), headers=["id", "late", "never"])
    assert sound_cells(source) == {
        "id": ["1"] * 4 + [None, "1"],
        "x": ["a"] * 4 + [None, "a"],
        "late": [None] * 4 + ["7", None],
    }


def test_a_column_of_nested_values_is_left_to_the_use_case(tmp_path: Path) -> None:
    content = b'{"id": 1, "tags": ["a"]}\n{"id": 2, "tags": null}\n'
    assert str(gathered(open_address(written(tmp_path, content)))["tags"].type) == "list<item: null>"


def test_batches_end_after_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "BATCH_BYTES", 50)
    batches = list(open_address(written(tmp_path, GOOD * 10)).batches())
    assert [len(batch) for batch in batches] == [3, 3, 3, 1]
    assert [line for batch in batches for line in batch["__line__"].to_pylist()] == list(range(1, 11))


def test_lines_that_span_reads_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "CHUNK_BYTES", 7)
    assert at(written(tmp_path, b"\xef\xbb\xbf" + GOOD + GOOD.strip())) == {"id": ["1", "1"], "x": ["a", "a"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"id": 1}]', r"found a JSON array. Write each of its objects in a line: jq -c"),
        (
            b'{\n  "id": 1\n}\n',
            r"found none in the first 3; line 1: expected a JSON object, found text that is not JSON",
        ),
        (b'{"id": 1, " id": 2}', r"found 'id' more than once"),
        (b'{"__line__": 1}', r"found '__line__'"),
        (b'{"id": "' + b"x" * 11_000_000 + b'"}', r"expected lines of at most 10,000,000 characters"),
    ],
)
def test_a_file_that_is_not_json_lines_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=message):
        at(written(tmp_path, content))


def test_the_columns_are_the_keys_in_the_order_of_their_first_object() -> None:
    objects = Objects([parsed(b'{"b": 1, "a": null}'), "malformed", parsed(b'{" c ": 2, "": 3}')], "rows")
    assert objects.names == ["b", "a", "c"]
