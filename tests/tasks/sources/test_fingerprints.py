import os
from pathlib import Path

import pytest

from config.errors import SourceError
from tasks import storage
from tasks.sources import fingerprint
from tests.patience import until
from tests.use_cases import small_use_case

CASE = small_use_case()


def test_a_path_s_fingerprint_is_the_same_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n")
    first = fingerprint(CASE, str(path))
    assert first == fingerprint(CASE, str(path))
    path.write_text("a,b\n10,3\n")
    assert fingerprint(CASE, str(path)) != first


def test_a_rewrite_of_the_same_size_and_time_of_modification_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n")
    times = path.stat()
    first = fingerprint(CASE, str(path))

    def rewritten() -> bool:
        path.write_text("a,b\n1,3\n")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        return fingerprint(CASE, str(path)) != first

    until(rewritten)  # the file system's clock moves in steps
    assert path.stat().st_mtime_ns == times.st_mtime_ns


def test_another_file_of_the_same_content_has_another_fingerprint(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("a,b\n1,2\n")
    assert fingerprint(CASE, str(tmp_path / "a.csv")) != fingerprint(CASE, str(tmp_path / "b.csv"))


def test_what_only_reading_tells_has_no_fingerprint(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for location in ("nowhere.csv", str(tmp_path), str(tmp_path / "pipe"), "https://example.com/rows.csv"):
        assert fingerprint(CASE, location) is None


def test_an_object_s_fingerprint_changes_with_its_content(bucket: str) -> None:
    uri = f"s3://{bucket}/incoming/fingerprint.csv"
    assert fingerprint(CASE, uri) is None
    storage.put(uri, b"a,b\n1,2\n")
    first = fingerprint(CASE, uri)
    assert first == fingerprint(CASE, uri)
    storage.put(uri, b"a,b\n1,3\n")
    assert fingerprint(CASE, uri) not in (first, None)


def test_a_use_case_without_a_location_is_refused_before_anything_is_read() -> None:
    with pytest.raises(SourceError, match="small_one: source: expected a location, found none"):
        fingerprint(CASE)
