import os
from pathlib import Path
from threading import Thread

import pytest

from config.errors import SourceError
from tasks.sources.places.path import LocalPath


def read(path: Path | str) -> bytes:
    with LocalPath(str(path)).open() as file:
        return file.read()


def test_a_file_is_read_and_the_user_s_home_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rows.csv").write_bytes(b"a\n1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read(tmp_path / "rows.csv") == read("~/rows.csv") == b"a\n1\n"


def test_a_pipe_is_copied_so_that_it_can_be_read_twice(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    writer = Thread(target=pipe.write_bytes, args=(b"a\n1\n",))
    writer.start()
    with LocalPath(str(pipe)).open() as file:
        writer.join()
        assert file.read() == b"a\n1\n"
        file.seek(0)
        assert file.read() == b"a\n1\n"
    assert LocalPath(str(pipe)).fingerprint() is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/dev/zero", "expected a file, found a device"),
        ("absent.csv", "can't be read: there is no such file; a relative path begins at the current folder"),
        (".", "can't be read: expected one CSV or Parquet file, found a folder"),
        ("a\0b", "can't be read: embedded null byte"),
        ("~nobody-of-this-name/x", "can't be read: "),
    ],
)  # fmt: skip
def test_the_error_for_a_missing_file_has_its_address(
    address: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=reason) as refused:
        LocalPath(address).open()
    assert str(refused.value).startswith(address)
    if address != ".":
        assert LocalPath(address).fingerprint() is None


def test_the_fingerprint_changes_with_the_file_however_its_times_are_set(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a\n1\n")
    before, first = path.stat(), LocalPath(str(path)).fingerprint()
    assert LocalPath(str(path)).fingerprint() == first
    path.write_bytes(b"a\n2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert LocalPath(str(path)).fingerprint() != first


def test_two_names_of_one_file_have_one_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(b"a\n1\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "rows.csv")
    prints = {LocalPath(str(tmp_path / name)).fingerprint() for name in ("rows.csv", "link.csv", "./rows.csv")}
    assert len(prints) == 1
