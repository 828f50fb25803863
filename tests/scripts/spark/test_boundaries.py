from pathlib import Path

from tabular.spark.boundaries import Cut, Marks, count, plan

MARKS = Marks(b'"', b"\n")


def counted(folder: Path, content: bytes, size: int) -> tuple[list[Cut], list[Cut]]:
    """Where the ranges of a file begin after the first, without and after a stray quote."""
    path = folder / "rows.csv"
    path.write_bytes(content)
    found = [count(str(path), at, min(at + size, len(content)), MARKS) for at in range(0, len(content), size)]
    return plan(found, len(content), odd=False), plan(found, len(content), odd=True)


def test_no_range_begins_within_quotes_or_after_a_row_of_several_lines(tmp_path: Path) -> None:
    content = b'aa,bb\n1,2\n"x\ny",2\n3,4\n5,6\n7,8\n'
    even, _ = counted(tmp_path, content, 11)
    assert [content[cut.byte :].split(b"\n")[0] for cut in even] == [b"5,6"]
    assert even[0].lines == content[: even[0].byte].count(b"\n")


def test_after_a_stray_quote_ranges_begin_after_an_odd_number_of_quotes(tmp_path: Path) -> None:
    content = b'a,b\n1"2,3\n' + b"1,2\n" * 10
    even, odd = counted(tmp_path, content, 14)
    assert even == []
    assert [cut.byte for cut in odd] == [22, 34]
