"""Archives, keys and names that lead out of a job's folder are refused, and nothing is written outside."""

import io
import tarfile
from pathlib import Path

import pytest

from sagemaker_local.archives import extract, inside
from sagemaker_local.errors import JobFailure
from sagemaker_local.s3 import split_uri
from tests.sagemaker_local.support import BUCKET, TRAIN, Bench, unique


def tar_of(tmp_path: Path, *members: tarfile.TarInfo) -> Path:
    path = tmp_path / "archive.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, 1 if kind == tarfile.REGTYPE else 0
    return info


@pytest.mark.parametrize(
    "bad",
    [
        member("../outside.txt"),
        member("/outside.txt"),
        member("deep/../../outside.txt"),
        member("link", tarfile.SYMTYPE, "../../outside.txt"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("link", tarfile.LNKTYPE, "../outside.txt"),
        member("device", tarfile.CHRTYPE),
    ],
    ids=lambda info: f"{info.name}-{info.linkname}",
)
def test_an_archive_with_a_member_outside_is_refused_whole(tmp_path: Path, bad: tarfile.TarInfo) -> None:
    target = tmp_path / "in" / "target"
    with pytest.raises(JobFailure):
        extract(tar_of(tmp_path, member("good.txt"), bad), target)
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "archive.tar.gz"]
    assert written == []


def test_a_good_archive_is_unpacked(tmp_path: Path) -> None:
    extract(tar_of(tmp_path, member("a/b.txt"), member("link", tarfile.SYMTYPE, "a/b.txt")), tmp_path / "target")
    assert (tmp_path / "target" / "link").read_text() == "x"


@pytest.mark.parametrize("relative", ["../x", "/x", "a/../../x"])
def test_a_key_that_leads_outside_is_refused(tmp_path: Path, relative: str) -> None:
    with pytest.raises(JobFailure, match="outside of its folder"):
        inside(tmp_path, relative)


def test_a_key_that_climbs_out_of_its_channel_fails_the_job(bench: Bench) -> None:
    prefix = unique("data")
    bench.put(f"{prefix}/../../../escaped.txt", "x")
    job = bench.train(TRAIN, channels={"train": f"s3://{BUCKET}/{prefix}/"})
    assert job["TrainingJobStatus"] == "Failed"
    assert "outside of its folder" in job["FailureReason"]


def test_a_source_archive_that_climbs_out_fails_the_job(bench: Bench, tmp_path: Path) -> None:
    code = bench.put(f"{unique('code')}.tar.gz", tar_of(tmp_path, member("../escaped.txt")).read_bytes())
    job = bench.train(TRAIN, hyperparameters={"sagemaker_submit_directory": code})
    assert "outside of its folder" in job["FailureReason"]


@pytest.mark.parametrize("uri", ["https://example.com/x", "s3:///x", "bucket/key"])
def test_what_is_no_s3_uri_is_refused(uri: str) -> None:
    with pytest.raises(JobFailure, match="is not an s3://bucket/key URI"):
        split_uri(uri)
