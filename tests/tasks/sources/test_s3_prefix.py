import logging
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from config.errors import SourceError
from config.sources import S3PrefixSource
from offline_cloud import Cloud
from tasks import clients, storage
from tasks.sources import open_source, s3_listing, s3_prefix
from tasks.sources.s3_listing import Prefix
from tasks.sources.s3_prefix import S3Prefix
from tasks.sources.same_columns import SameColumns
from tasks.sources.source import Incremental, Position, with_reserved
from tests.aws_answers import answering, flows_use, s3_refusal
from tests.faulty_cloud import at_calls, faulty_cloud
from tests.tables import COMPRESSIONS, FORMATS, Table, zip_bytes


@pytest.fixture
def folder(bucket: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty folder."""
    yield f"s3://{bucket}/prefixes/{abs(hash(request.node.name))}"


def source(folder: str, headers: tuple[str, ...] = ("a", "b"), **keys: Any) -> S3Prefix:
    configured = S3PrefixSource.model_validate({"kind": "s3_prefix", "location": folder, **keys})
    opened = open_source(configured, None, "case", list(headers))
    assert isinstance(opened, S3Prefix)
    assert isinstance(opened, Incremental)
    return opened


def rows(opened: S3Prefix, folder: str) -> list[tuple[Any, ...]]:
    """The first column, the file below the folder and the line of each row."""
    found = [row for batch in opened.batches() for row in batch.to_pylist()]
    return [(row["a"], row["__file__"].removeprefix(f"{folder}/"), row["__line__"]) for row in found]


def after(opened: S3Prefix) -> Position:
    list(opened.batches())
    return opened.position()


def test_a_run_reads_only_what_no_run_has_read(folder: str) -> None:
    storage.put(f"{folder}/1.csv", b"a,b\n1,x\n2,y\n")
    storage.put(f"{folder}/2.csv", b"b,a\nz,3\n")
    first = source(folder)
    assert sorted(rows(first, folder)) == [("1", "1.csv", 2), ("2", "1.csv", 3), ("3", "2.csv", 2)]
    assert first.describe() == f"{folder}/* (2 files)"
    storage.put(f"{folder}/0.csv", b"a,b\n4,w\n")
    second = first.after(first.position())
    assert rows(second, folder) == [("4", "0.csv", 2)]
    third = source(folder).after(second.position())
    assert rows(third, folder) == []
    assert third.position() == second.position()
    assert third.position()["objects"] == 3
    assert third.after(None).describe() == f"{folder}/*"


def test_objects_are_read_by_time_and_then_by_key(folder: str) -> None:
    for name in ("b", "a", "c"):
        storage.put(f"{folder}/{name}", f"a,b\n{name},1\n".encode())
    listed = list(Prefix.at(folder, "*").files())
    by_time = [file.key.rpartition("/")[2] for file in sorted(listed)]
    assert [a for a, _, _ in rows(source(folder), folder)] == by_time


def test_a_listing_of_several_pages_is_read_whole_and_stored_in_little(
    folder: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = folder.split(f"{bucket}/")[1]
    for number in range(12):
        clients.s3().put_object(Bucket=bucket, Key=f"{key}/{number:04}.csv", Body=b"a,b\n%d,x\n" % number)
    opened = source(folder)
    monkeypatch.setattr(s3_listing, "PAGE_KEYS", 5)
    assert len(rows(opened, folder)) == 12
    assert len(opened.position()["read"]) == 12 * 16


def test_a_changed_object_is_refused_or_added_by_rule(folder: str, caplog: pytest.LogCaptureFixture) -> None:
    storage.put(f"{folder}/1.csv", b"a,b\n1,x\n")
    position = after(source(folder))
    storage.put(f"{folder}/1.csv", b"a,b\n1,x\n2,y\n")
    with pytest.raises(SourceError, match=r"found 1 with another content since it was read: '.*1.csv'.*`changed: add`"):
        list(source(folder).after(position).batches())
    adding = source(folder, changed="add").after(position)
    with caplog.at_level(logging.INFO, "vishwaops"):
        assert rows(adding, folder) == [("1", "1.csv", 2), ("2", "1.csv", 3)]
    assert "changed objects, whose rows are added" in caplog.text
    assert rows(source(folder).after(adding.position()), folder) == []


def test_only_whole_named_objects_that_fit_the_pattern_are_read(folder: str, bucket: str) -> None:
    for name in ("x/1.csv", "_SUCCESS", "x/_temporary/2.csv", ".3.csv", "4.json", "x/"):
        storage.put(f"{folder}/{name}", b"a,b\n1,x\n")
    storage.put(f"{folder}/empty.csv", b"")
    storage.put(f"{folder}-old/5.csv", b"a,b\n1,x\n")
    key = folder.split(f"{bucket}/")[1]
    clients.s3().create_multipart_upload(Bucket=bucket, Key=f"{key}/unfinished.csv")
    opened = source(folder, pattern="*.csv")
    assert rows(opened, folder) == [("1", "x/1.csv", 2)]
    storage.put(f"{folder}/empty.csv", b"a,b\n2,x\n")  # an empty object does not count as read
    assert rows(opened.after(opened.position()), folder) == [("2", "empty.csv", 2)]


def test_an_object_that_vanishes_is_left_out_and_not_counted_as_read(
    folder: str, bucket: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("1.csv", "2.csv"):
        storage.put(f"{folder}/{name}", b"a,b\n1,x\n")
    opened, copy = source(folder), s3_prefix.file_copy

    def deleting(uri: str) -> Any:
        if uri.endswith("1.csv"):
            clients.s3().delete_object(Bucket=bucket, Key=uri.split(f"{bucket}/")[1])
        return copy(uri)

    monkeypatch.setattr(s3_prefix, "file_copy", deleting)
    with caplog.at_level(logging.INFO, "vishwaops"):
        assert rows(opened, folder) == [("1", "2.csv", 2)]
    assert "1.csv: left out: it was deleted after it was listed" in caplog.text
    assert opened.position()["objects"] == 1


def test_an_object_that_changes_after_the_listing_counts_with_the_content_that_was_read(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(f"{folder}/1.csv", b"a,b\n1,x\n")
    opened, copy = source(folder), s3_prefix.file_copy

    def changing(uri: str) -> Any:
        storage.put(uri, b"a,b\n2,x\n")
        return copy(uri)

    with monkeypatch.context() as patch:
        patch.setattr(s3_prefix, "file_copy", changing)
        assert rows(opened, folder) == [("2", "1.csv", 2)]
    assert rows(opened.after(opened.position()), folder) == []


def test_a_lost_connection_within_an_object_loses_no_row(cloud: Cloud, folder: str) -> None:
    storage.put(f"{folder}/cut.csv", b"a,b\n" + b"1,x\n" * 2000)
    with faulty_cloud(cloud.environment) as faulty:
        faulty.faults = at_calls("cut", ["GetObject cut.csv"])
        assert len(rows(source(folder), folder)) == 2000


def test_objects_may_be_of_any_format_and_compression(folder: str) -> None:
    table: Table = {"a": [1, 2], "b": ["x", "y"]}
    for number, (name, write) in enumerate(FORMATS.items()):
        compress = list(COMPRESSIONS.values())[number % len(COMPRESSIONS)]
        storage.put(f"{folder}/{number}-{name}", compress(write(table)))
    storage.put(f"{folder}/9.zip", zip_bytes({"i.csv": b"a,b\n1,x\n", "j.csv": b"a,b\n2,y\n"}))
    found = rows(source(folder), folder)
    assert [int(a) for a, _, _ in found] == [1, 2] * (len(FORMATS) + 1)
    assert [file for _, file, _ in found if file.startswith("9")] == ["9.zip/i.csv", "9.zip/j.csv"]


def test_a_file_of_other_columns_is_treated_by_rule(folder: str, caplog: pytest.LogCaptureFixture) -> None:
    storage.put(f"{folder}/1.csv", b"a,b,note\n1,x,n\n")
    storage.put(f"{folder}/2.csv", b"more,a\n0,2\n")
    with pytest.raises(SourceError, match=rf"{folder}/2.csv: lacks 1 column\(s\): expected 'b'; found 'more', 'a'"):
        rows(source(folder), folder)
    opened = source(folder, missing_columns="empty")
    with caplog.at_level(logging.INFO, "vishwaops"):
        tables = [batch.to_pydict() for batch in opened.batches()]
    assert [list(table)[:3] for table in tables] == [["a", "b", "note"]] * 2
    assert (tables[1]["a"], tables[1]["b"]) == (["2"], [None])
    assert "2.csv: columns left out: 'more'" in caplog.text
    assert "2.csv: columns that are empty: 'b'" in caplog.text
    with pytest.raises(SourceError, match=r"2.csv: expected the columns 'a', 'b', 'note'; found also 'more'"):
        rows(source(folder, missing_columns="empty", extra_columns="refuse"), folder)


def test_a_damaged_file_is_named_and_nothing_counts_as_read(folder: str) -> None:
    storage.put(f"{folder}/1.csv", b"a,b\n1,x\n")
    storage.put(f"{folder}/2.gz", b"\x1f\x8b\x08\0\0")
    with pytest.raises(SourceError, match=rf"{folder}/2.gz: expected a whole file compressed by gzip"):
        rows(source(folder), folder)


@pytest.mark.parametrize("names", [(), ("empty",), ("header",)])
def test_a_first_run_without_rows_is_refused(folder: str, names: tuple[str, ...]) -> None:
    for name in names:
        storage.put(f"{folder}/{name}", b"a,b\n" if name == "header" else b"")
    with pytest.raises(SourceError, match=rf"{folder}/\*: expected rows, found (no object|only the names)"):
        list(source(folder).batches())


def test_a_header_without_rows_is_a_file_that_was_read(folder: str) -> None:
    storage.put(f"{folder}/1.csv", b"a,b\n1,x\n")
    storage.put(f"{folder}/2.csv", b"a,b\n")
    assert after(source(folder))["objects"] == 2


def test_the_fingerprint_is_that_of_the_listing(folder: str) -> None:
    storage.put(f"{folder}/1.csv", b"a,b\n1,x\n")
    first = source(folder).fingerprint()
    assert source(folder).fingerprint() == first
    storage.put(f"{folder}/1.csv", b"a,b\n2,x\n")
    assert source(folder).fingerprint() not in (first, None)


def test_denied_access_is_one_sentence(cloud: object) -> None:
    with answering(s3_refusal("AccessDenied", "Access Denied")) as fake, flows_use("S3", fake.url):
        opened = source("s3://bucket/rows")
        assert opened.fingerprint() is None
        with pytest.raises(SourceError, match=r"s3://bucket/rows/\*: can't be read: AWS denies s3:ListBucket on"):
            list(opened.batches())


@pytest.mark.parametrize("position", [{"offsets": {"0": 5}}, {"read": "?"}, {"read": "AAAA"}])
def test_a_position_of_another_source_is_refused(position: Position) -> None:
    with pytest.raises(SourceError, match="expected the position of a prefix in S3, found one of another source"):
        source("s3://bucket/rows").after(position)


@pytest.mark.parametrize("location", ["/rows", "s3://", "s3://Bucket_/x", "https://bucket/x"])
def test_another_address_is_refused(location: str) -> None:
    with pytest.raises(SourceError, match=r"source.location: expected s3://BUCKET/PREFIX/, found"):
        source(location)


def test_without_needed_columns_those_of_the_first_file_are_needed() -> None:
    same = SameColumns([])
    first, second = (with_reserved(pa.record_batch({name: ["1"]})) for name in ("a", "b"))
    assert same.aligned(first, "1.csv")["__file__"].to_pylist() == ["1.csv"]
    with pytest.raises(SourceError, match=r"2.csv: lacks 1 column\(s\): expected 'a'"):
        same.aligned(second, "2.csv")
