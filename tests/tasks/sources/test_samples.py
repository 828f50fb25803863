"""Bounded samples of sources."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from tasks.sources import samples
from tasks.sources.location import open_address
from tasks.sources.samples import Sample, sample
from tasks.sources.source import LINE_COLUMN, FrameSource


def rows_file(folder: Path, rows: int) -> Path:
    path = folder / "rows.csv"
    path.write_text("id,text\n" + "".join(f"{number},a text of some length\n" for number in range(rows)))
    return path


def read(path: Path) -> Sample:
    return sample(open_address(str(path)), str(path))


def ids(found: Sample) -> list[str]:
    return [text for batch in found.batches for text in batch.column("id").to_pylist()]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sizes of a sample, small enough for a file of 100 kB."""
    for name, value in {"LARGE_BYTES": 50_000, "HEAD_BYTES": 10_000, "BLOCK_BYTES": 2_000, "BLOCKS": 4}.items():
        monkeypatch.setattr(samples, name, value)


def test_a_small_file_is_read_whole(tmp_path: Path) -> None:
    found = read(rows_file(tmp_path, 10))
    assert ids(found) == [str(number) for number in range(10)]
    assert (found.whole, found.described) == (True, "all 10 rows")


@pytest.mark.usefixtures("small_blocks")
def test_a_large_file_gives_its_first_rows_and_whole_rows_of_other_places(tmp_path: Path) -> None:
    found = read(rows_file(tmp_path, 4_000))
    numbers = [int(each) for each in ids(found)]
    assert numbers[:300] == list(range(300))
    assert numbers == sorted(set(numbers)), "each row once, in the order of the file"
    assert len(numbers) < 1_000
    assert max(numbers) > 1_000
    assert not found.whole
    assert found.described.startswith(f"{len(numbers):,} of about 4,")


@pytest.mark.usefixtures("small_blocks")
def test_equal_files_give_equal_samples(tmp_path: Path) -> None:
    path = rows_file(tmp_path, 4_000)
    assert ids(read(path)) == ids(read(path))


@pytest.mark.usefixtures("small_blocks")
def test_a_row_of_a_random_block_has_no_line(tmp_path: Path) -> None:
    found = read(rows_file(tmp_path, 4_000))
    lines = pa.chunked_array([batch.column(LINE_COLUMN) for batch in found.batches])
    known = [line for line in lines.to_pylist() if line is not None]
    assert known == list(range(2, len(known) + 2))
    assert 0 < lines.null_count < found.rows


def test_other_large_sources_give_their_first_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "FIRST_ROWS", 7)
    found = sample(FrameSource("rows", "1", lambda: pd.DataFrame({"id": range(10)})))
    assert [int(each) for each in ids(found)] == list(range(7))
    assert (found.whole, found.described) == (False, "the first 7 rows")
