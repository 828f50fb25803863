"""Limits of archives: bytes, members, headers and links."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from sagemaker_local import archives
from sagemaker_local.archives import copy_limited, extract
from sagemaker_local.errors import JobFailure
from tests.sagemaker_local.test_paths import member, tar_of

GIB = 1 << 30


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class Zeros(io.RawIOBase):
    """A stream of zero bytes that are not in memory."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        taken = self._left if size < 0 else min(size, self._left)
        self._left -= taken
        return bytes(taken)


def test_a_small_archive_of_much_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1 << 20)
    bomb = tmp_path / "bomb.tar.gz"
    with tarfile.open(bomb, "w:gz") as tar:
        for number in range(3):
            info = tarfile.TarInfo(f"zeros-{number}")
            info.size = 1 << 19
            tar.addfile(info, Zeros(info.size))
    assert bomb.stat().st_size < 10_000
    with pytest.raises(JobFailure, match=r"ClientError: s3://b/model.tar.gz is more than 1 MiB when it is unpacked"):
        extract(bomb, tmp_path / "target", "s3://b/model.tar.gz")
    assert files(tmp_path / "target") == []


def test_what_a_header_claims_is_believed_before_it_is_read(tmp_path: Path) -> None:
    claim = tarfile.TarInfo("huge")
    claim.size = 900 * GIB
    (tmp_path / "claim.tar").write_bytes(claim.tobuf(tarfile.GNU_FORMAT))
    with pytest.raises(JobFailure, match="when it is unpacked"):
        extract(tmp_path / "claim.tar", tmp_path / "target")


def test_an_archive_never_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "RESERVE", 1 << 62)
    with pytest.raises(JobFailure, match="all that the disk of this machine has room for"):
        extract(tar_of(tmp_path, member("a")), tmp_path / "target")


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    extract(tar_of(tmp_path, *(member(name) for name in "abc")), tmp_path / "three")
    with pytest.raises(JobFailure, match=r"archive.tar.gz holds more than 3 files. Nothing was written"):
        extract(tar_of(tmp_path, *(member(name) for name in "abcd")), tmp_path / "four")
    assert files(tmp_path / "four") == []


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path, kind: bytes) -> None:
    header = tarfile.TarInfo("header")
    header.type, header.size = kind, 2 * GIB
    (tmp_path / "header.tar").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(2048))
    with pytest.raises(JobFailure, match=r"An archive's header of 2,147,483,648 bytes"):
        extract(tmp_path / "header.tar", tmp_path / "target")


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    link = member("here", tarfile.SYMTYPE, "there")
    with pytest.raises(JobFailure, match=r"'here/deep/file' would be written through a link"):
        extract(tar_of(tmp_path, member("there/x"), link, member("here/deep/file")), tmp_path / "target")
    assert files(tmp_path / "target") == []


@pytest.mark.parametrize("damage", ["cut off", "changed", "other checksum", "no archive", "empty"])
def test_an_archive_that_cannot_be_read_says_so(tmp_path: Path, damage: str) -> None:
    archive = tar_of(tmp_path, *(member(f"file-{number}") for number in range(200)))
    whole = archive.read_bytes()
    middle = len(whole) // 2
    archive.write_bytes(
        {
            "cut off": whole[:middle],
            "changed": whole[:middle] + b"\xff" * 40 + whole[middle + 40 :],
            "other checksum": whole[:-8] + bytes(8),
            "no archive": b"<html>404</html>",
            "empty": b"",
        }[damage]
    )
    with pytest.raises(JobFailure, match=r"ClientError: Failed to extract s3://b/code.tar.gz"):
        extract(archive, tmp_path / "target", "s3://b/code.tar.gz")


def test_a_compressed_file_of_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1 << 20)
    packed = io.BytesIO(gzip.compress(bytes(2 << 20)))
    with pytest.raises(JobFailure, match=r"s3://b/rows.csv.gz is more than"):
        copy_limited(gzip.GzipFile(fileobj=packed), io.BytesIO(), tmp_path, "s3://b/rows.csv.gz")


def _chain(header: tarfile.TarInfo, content: bytes) -> bytes:
    header.size = len(content)
    return (header.tobuf(tarfile.GNU_FORMAT) + content.ljust(512, b"\0")) * 3_000


LONG_NAME = tarfile.TarInfo("././@LongLink")
LONG_NAME.type = tarfile.GNUTYPE_LONGNAME


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_chain(LONG_NAME, b"x"), "it has too many headers before a member"),
        (b"PK\x03\x04" + bytes(600), "it is not a tar, compressed or not"),
    ],
)
def test_a_broken_archive_is_one_line_and_no_fault_of_the_server(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "broken.tar").write_bytes(content)
    with pytest.raises(JobFailure, match=rf"^ClientError: Failed to extract broken.tar: {message}$"):
        extract(tmp_path / "broken.tar", tmp_path / "target")


def test_folders_within_folders_have_a_limit(tmp_path: Path) -> None:
    extract(tar_of(tmp_path, member("a/" * 60 + "b")), tmp_path / "target")
    with pytest.raises(JobFailure, match="has more than 64 folders within each other"):
        extract(tar_of(tmp_path, member("a/" * 2_000 + "b")), tmp_path / "deep")


def test_a_hard_link_to_no_member_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobFailure, match=r"Failed to extract archive.tar.gz: .*'nothing' not found"):
        extract(tar_of(tmp_path, member("link", tarfile.LNKTYPE, "nothing")), tmp_path / "target")
