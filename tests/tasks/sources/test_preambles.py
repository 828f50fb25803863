from pathlib import Path

import pytest

from config.errors import SourceError
from config.sources import LocationSource
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
