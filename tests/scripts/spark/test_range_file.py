import io

import pytest

from tabular.delimited import OpenFile
from tabular.formats import USUAL, FormatError
from tabular.spark.boundaries import Cut
from tabular.spark.range_file import LINES_BEYOND, RangeFile

CONTENT = "\ufeffa,b\n1,2\n3,4\n5,6\n7,8\n9,0\n".encode()


def test_the_first_range_has_no_mark_and_ends_soon_after_its_last_byte() -> None:
    layout = OpenFile(io.BytesIO(CONTENT), USUAL).layout
    file = RangeFile(io.BytesIO(CONTENT), USUAL, layout, "\n", Cut(0, 0), 12)
    assert "".join(file.whole_blocks()) == "a,b\n1,2\n3,4\n5,6\n"[: file.position - 3]
    assert CONTENT[12 : file.position].count(b"\n") == LINES_BEYOND
    rest = RangeFile(io.BytesIO(CONTENT[file.position :]), USUAL, layout, "\n", Cut(file.position, 4), len(CONTENT))
    assert "".join(rest.whole_blocks()).encode() == CONTENT[file.position :]
    assert not rest.has_header


def test_an_error_of_the_encoding_has_its_line_in_the_file() -> None:
    layout = OpenFile(io.BytesIO(CONTENT), USUAL).layout
    file = RangeFile(io.BytesIO(b"1,2\n\xff,4\n"), USUAL, layout, "\n", Cut(1_000, 40), 2_000)
    with pytest.raises(FormatError, match=r"^line 42: expected text in utf-8, found the byte 0xff"):
        list(file.whole_blocks())
