from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tabular.formats import Format, FormatError
from tabular.spark.ingest import ingest
from tabular.spark.ingest_job import IngestJob
from tabular.spark.range_file import SPLIT_ENCODINGS
from tabular.spark.ranges import MOST_REPAIRS
from tabular.spark.read_range import SHOWN_MALFORMED
from tasks.rows.intake import Intake, dataset_digest, described_schema
from tasks.rows.stored_rows import RowFile
from tasks.sources.location import open_address
from tests.scripts.spark.support import CASE, file_of, in_order, job_of


@pytest.mark.parametrize(("seed", "broken"), [(1, 0), (2, 0), (3, 0.002), (4, 0.02), (5, 0.2), (6, 0.02), (7, 0.002)])
def test_ranges_have_the_rows_and_the_digest_of_reading_in_order(tmp_path: Path, seed: int, broken: float) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(("\ufeff" if seed % 2 else "") + file_of(seed, 400, broken), newline="")
    intake = Intake(CASE, open_address(str(path), headers=tuple(CASE.headers.values())))
    with RowFile(intake.schema) as rows:
        intake.into(rows)
        expected = pq.read_table(rows.finished())
    found = ingest(job_of(path, (150, 1_000, 4_000)[seed % 3]), in_order)
    assert dataset_digest(found["digest"], described_schema(CASE)) == intake.digest
    assert (found["rows"], found["malformed"], found["left_out"]) == (intake.rows, intake.malformed, ["more"])
    assert found["first_malformed"] == intake.first_malformed[:SHOWN_MALFORMED]
    read = pa.concat_tables(map(pq.read_table, found["files"]))
    assert read.to_pylist() == expected.to_pylist()
    assert found["ranges"] > 1
    assert sorted(found["files"]) == found["files"] == sorted(map(str, (tmp_path / "parts").iterdir()))


def test_a_file_that_ends_in_an_open_quote_everywhere_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    lines = [f'{number},1{number % 9},red" or,here,yes' for number in range(40 * MOST_REPAIRS)]
    path.write_text("id,age,colour,origin,passed\n" + "\n".join(lines))
    found = ingest(job_of(path, 200), in_order)
    assert (found["rows"], found["malformed"]) == (0, len(lines))


def test_an_encoding_that_can_not_be_cut_is_one_range(tmp_path: Path) -> None:
    assert "utf-16" not in SPLIT_ENCODINGS
    path, format = tmp_path / "rows.csv", Format(encoding="utf-16")
    path.write_bytes(file_of(1, 50, 0).encode("utf-16"))
    found = ingest(job_of(path, 100, format), in_order)
    assert (found["ranges"], found["rows"]) == (1, ingest(_plain(tmp_path), in_order)["rows"])


def _plain(folder: Path) -> IngestJob:
    path = folder / "plain.csv"
    path.write_text(file_of(1, 50, 0))
    return job_of(path, 100)


def test_an_error_has_its_line_and_leaves_no_part(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [f"{number},11,red,here,yes".encode() for number in range(100)]
    rows[70] = b"70,11,\xff,here,yes"
    path.write_bytes(b"\n".join([b"id,age,colour,origin,passed", *rows]))
    with pytest.raises(FormatError, match=r"^line 72: expected text in utf-8, found the byte 0xff"):
        ingest(job_of(path, 300), in_order)
    assert not (tmp_path / "parts").exists()


def test_a_job_is_the_same_after_its_way_through_json(tmp_path: Path) -> None:
    job = job_of(tmp_path / "rows.csv", 100, Format(names=("a", "b"), missing=("-",)))
    again = IngestJob.of(job.json())
    assert again.json() == job.json()
    assert (again.format, again.schema, again.parts) == (job.format, job.schema, job.parts)
