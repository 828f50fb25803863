from pathlib import Path

import pytest

from config.errors import SourceError
from config.sources import LocationSource
from tabular.formats import Format
from tasks.sources.preambles import SEARCHED_LINES, skipping_hint
from tests.source_rows import at, of

ROWS = "id,age,city\n1,20,Bonn\n2,21,Ulm\n"


@pytest.mark.parametrize(
    ("before", "line"),
    [("Students of 2024\n\n", 3), ("Report,,\nMonth: May,,\n", 3), ("Report of May, 2024\n", 2)],
)
def test_a_title_before_the_header_is_answered_with_what_to_skip(tmp_path: Path, before: str, line: int) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(before + ROWS)
    source = LocationSource.model_validate({"kind": "location", "location": str(path)})
    with pytest.raises(SourceError, match=rf"Line {line} has the names of columns: write `skip_lines: {line - 1}`"):
        of(source, None, ["id", "age", "city"])
    skipping = source.model_copy(update={"skip_lines": line - 1})
    assert of(skipping, None, ["id", "age", "city"])["age"] == ["20", "21"]


def test_a_file_of_other_columns_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    assert at(str(tmp_path / "rows.csv"), headers=["id", "age"]) == {
        "a": ["1"],
        "b": ["2"],
    }


@pytest.mark.parametrize(
    ("head", "format", "schema", "hint"),
    [
        (b"Report\nid;age;city\n", Format(), ["id", "age", "city"], "skip_lines: 1"),
        (b"Report\n 'id' , age\n", Format(quote="'"), ["id", "age", "city"], "skip_lines: 1"),
        (b"Report\nid,x,y\n", Format(), ["id", "age", "city"], ""),
        (b"Report\nid,age\n", Format(names=("id", "age")), ["id", "age"], ""),
        (b"Report\nid,age\n", Format(skip_lines=1), ["id", "age"], ""),
        (b"id,age\n", Format(), ["id", "age"], ""),
        (b"\n" * SEARCHED_LINES + b"id,age\n", Format(), ["id", "age"], ""),
    ],
)
def test_a_header_below_the_first_line_is_found_by_half_of_the_schema_s_names(
    head: bytes, format: Format, schema: list[str], hint: str
) -> None:
    found = skipping_hint(head, format, schema)
    assert hint in found
    assert bool(found) == bool(hint)
