"""Compressed files and zip archives."""

import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from config.errors import SourceError
from config.sources import LocationSource
from tabular.formats import Format
from tasks.sources import checksums, compressed
from tasks.sources.archives import is_workbook
from tasks.sources.arrow_files import read_batches
from tasks.sources.columns import without
from tasks.sources.contents import kind_of
from tasks.sources.location import open_address
from tests.source_rows import at, gathered, of
from tests.tables import COMPRESSIONS, FORMATS, xlsx_bytes, zip_bytes

ROWS = b"a,b\n1,x\n2,y\n"
TWO = {"2024/a.csv": ROWS, "2024/b.csv": b"b;c;a\nz;0;3\n", "__MACOSX/._a.csv": b"\0", ".hidden": b"", "2024/": b""}


def written(folder: Path, content: bytes) -> str:
    (folder / "rows").write_bytes(content)
    return str(folder / "rows")


def test_the_files_of_an_archive_are_read_in_order_with_their_names_and_lines(tmp_path: Path) -> None:
    source = open_address(written(tmp_path, zip_bytes(TWO)), headers=["a", "b"])
    assert gathered(source).select(["a", "b", "__file__", "__line__"]).to_pylist() == [
        {"a": "1", "b": "x", "__file__": f"{tmp_path}/rows/2024/a.csv", "__line__": 2},
        {"a": "2", "b": "y", "__file__": f"{tmp_path}/rows/2024/a.csv", "__line__": 3},
        {"a": "3", "b": "z", "__file__": f"{tmp_path}/rows/2024/b.csv", "__line__": 2},
    ]
    assert source.describe() == f"{tmp_path}/rows (2 files)"


@pytest.mark.parametrize(
    ("member", "rows"), [("2024/b.csv", ["3"]), ("*/a.*", ["1", "2"]), ("2024/*", ["1", "2", "3"])]
)
def test_the_files_of_an_archive_can_be_chosen(member: str, rows: list[str], tmp_path: Path) -> None:
    address = written(tmp_path, zip_bytes(TWO))
    source = LocationSource.model_validate({"kind": "location", "location": address, "member": member})
    assert of(source, None, ["a", "b"])["a"] == rows


@pytest.mark.parametrize(
    ("members", "member", "message"),
    [
        (
            {"a.csv": ROWS, "b.json": b'{"a": 1}'},
            None,
            "of one kind in the archive, found delimited text in 'a.csv', JSON L",
        ),
        ({"a.csv": ROWS}, "A.csv", r"expected a file 'A.csv' in the archive, found 'a.csv' \(did you mean 'a.csv'\?\)"),
        ({}, None, "expected a file in the archive, found none"),
        ({"a.csv": ROWS, "b.csv": b"b\n1\n"}, None, r"rows/b.csv: lacks 1 column\(s\): expected 'a'; found 'b'"),
        ({"a.csv.gz": gzip.compress(ROWS)}, None, "found a file compressed by gzip. Unpack it first"),
        ({"a.csv": b"a,a\n1,2\n"}, None, "rows/a.csv: line 1: expected each column once"),
    ],
)
def test_an_archive_that_is_no_table_is_refused(
    members: dict[str, bytes], member: str | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=message):
        at(written(tmp_path, zip_bytes(members)), Format(member=member), headers=["a"])


def test_a_file_with_a_password_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_bytes({"a.csv": ROWS}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    with pytest.raises(SourceError, match=r"expected files without a password, found 'a.csv' with one"):
        at(written(tmp_path, bytes(content)))


@pytest.mark.parametrize("name", [name for name in COMPRESSIONS if name])
def test_a_file_that_is_cut_off_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    content = COMPRESSIONS[name](b"a,b\n" + b"".join(b"%d,%d\n" % (row, row * 7919 % 1009) for row in range(5000)))
    with pytest.raises(SourceError, match=r"expected a whole .*, found one that is cut off or damaged") as refused:
        at(written(tmp_path, content[: len(content) * 2 // 3]))
    assert "\n" not in str(refused.value)


def test_a_damaged_file_in_an_archive_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_bytes({"a.csv": ROWS * 99}))
    content[45] ^= 255
    with pytest.raises(SourceError, match="expected a whole zip archive, found one that is cut off or damaged"):
        at(written(tmp_path, bytes(content)))


@pytest.mark.parametrize("name", ["gzip", "zip", "zstd", "bzip2", "xz"])
def test_a_decompression_bomb_is_refused_in_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compressed, "FREE_BYTES", 1 << 16)
    bomb = COMPRESSIONS[name](b"a,b\n" + b"0,0\n" * 500_000)
    with pytest.raises(SourceError, match=r"found content of more than 200 times its size, as in a decompression bomb"):
        at(written(tmp_path, bomb))


def test_a_bomb_of_a_workbook_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "FREE_BYTES", 1 << 18)
    with pytest.raises(SourceError, match="decompression bomb"):
        at(written(tmp_path, xlsx_bytes({}, {"Rows": " " * 9_000_000})))


def test_a_file_larger_than_any_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "LARGEST_BYTES", 1000)
    with pytest.raises(SourceError, match=r"found content of more than 0 GiB. If it is one, decompress it first"):
        at(written(tmp_path, gzip.compress(ROWS + b"3,z\n" * 300)))


def test_a_size_that_an_archive_hides_is_found(tmp_path: Path) -> None:
    content = zip_bytes({"a.csv": ROWS * 1000})
    size = (len(ROWS) * 1000).to_bytes(4, "little")
    assert content.count(size) == 2
    with pytest.raises(SourceError, match="cut off or damaged"):
        at(written(tmp_path, content.replace(size, (60).to_bytes(4, "little"))))


def test_a_stored_checksum_of_another_file_is_refused_before_a_row_is_read(tmp_path: Path) -> None:
    address, sha = written(tmp_path, gzip.compress(ROWS)), hashlib.sha256(ROWS).hexdigest()
    wrong = LocationSource(kind="location", location=address, sha256=sha)
    with pytest.raises(SourceError, match=f"expected the SHA-256 {sha} of `source.sha256`, found [0-9a-f]{{64}}"):
        next(iter(of(wrong)))
    right = wrong.model_copy(update={"sha256": hashlib.sha256(Path(address).read_bytes()).hexdigest().upper()})
    assert of(right)["a"] == ["1", "2"]
    assert of(wrong, address)["a"] == ["1", "2"]  # the checksum is that of the configured file


def test_a_compressed_stream_is_read_again_from_its_beginning() -> None:
    content = bytes(range(256)) * 20_000
    stream = compressed.decompressed(io.BytesIO(gzip.compress(content)), "gzip", "rows")
    assert stream.read(3_000_000) == content[:3_000_000]
    stream.seek(0)
    assert stream.read() == content


def test_text_that_begins_like_a_compressed_file_is_text(tmp_path: Path) -> None:
    assert at(written(tmp_path, b"BZh,b\n1,2\n")) == {"BZh": ["1"], "b": ["2"]}
    assert compressed.method(b"\x50\x2a\x4d\x18\x04\0\0\0") == "zstd"


def test_an_arrow_file_that_is_damaged_is_refused(tmp_path: Path) -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, pa.schema([("a", pa.int64())])) as writer:
        writer.write_batch(pa.record_batch({"a": [1, 2]}))
    content = sink.getvalue().to_pybytes()
    assert at(written(tmp_path, content)) == {"a": [1, 2]}
    with pytest.raises(SourceError, match="expected a whole Arrow file, found one that is cut off or damaged"):
        at(written(tmp_path, content[:-30]))


def test_an_archive_with_a_compression_that_python_lacks_is_refused(tmp_path: Path) -> None:
    content = bytearray(zip_bytes({"a.csv": ROWS}))
    content[content.index(b"PK\x01\x02") + 10] = 93
    content[8] = 93
    with pytest.raises(SourceError, match=r"zip archive, found .*not supported"):
        at(written(tmp_path, bytes(content)))
    assert zipfile.is_zipfile(str(tmp_path / "rows"))


def test_a_checksum_leaves_the_file_at_its_beginning() -> None:
    file = io.BytesIO(ROWS)
    checksums.require(file, hashlib.sha256(ROWS).hexdigest(), "rows")
    assert file.read() == ROWS


@pytest.mark.parametrize(
    ("format", "kind"),
    [
        ("csv", "delimited text"),
        ("jsonl", "JSON Lines"),
        ("parquet", "Parquet"),
        ("feather", "Arrow"),
        ("arrows", "Arrow"),
        ("xlsx", "a workbook"),
        ("xls", "a workbook"),
        ("ods", "a workbook"),
    ],
)
def test_the_kind_of_a_file_is_known_by_its_content(format: str, kind: str) -> None:
    file = io.BytesIO(FORMATS[format]({"a": [1], "b": ["x"]}))
    assert kind_of(file) == kind
    assert file.tell() == 0
    assert is_workbook(file) == (format in ("xlsx", "ods"))


def test_an_arrow_file_is_read_in_batches_of_limited_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.sources.arrow_files.BATCH_ROWS", 2)
    content = io.BytesIO(FORMATS["feather"]({"a": list(range(5))}))
    assert [len(batch) for batch in read_batches(content, "rows")] == [0, 2, 2, 1]


def test_missing_markers_are_null_among_texts_only() -> None:
    assert without(pa.array(["-", " - ", "x", None]), ["-"]).to_pylist() == [None, None, "x", None]
    assert without(pa.array([1, 2]), ["1"]).to_pylist() == [1, 2]
