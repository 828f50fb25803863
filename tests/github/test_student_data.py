"""The download of the student data in GitHub's CI, from a server on this machine."""

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.flows.conftest import STUDENT_DATA

SCRIPT = Path(__file__).parents[2] / ".ci" / "student_data.py"
NAME = "uci697_dropout.csv"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server that has the files of `folder`."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def archive(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name.replace("_", "."), text)
    return content.getvalue()


def run(target: Path, address: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, target, address], text=True, capture_output=True)


def fetch(target: Path, content: bytes, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script against a server that answers with `content`."""
    folder = tmp_path / "served"
    folder.mkdir(exist_ok=True)
    (folder / "data.zip").write_bytes(content)
    with served(folder) as address:
        return run(target, f"{address}/data.zip")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archive(data_csv=b"Target\nGraduate\n"), "data.csv: expected the SHA-256 digest 3ef126de"),
        (archive(other_csv=b""), "expected a zip archive with data.csv"),
        (b"<html>", "expected a zip archive with data.csv"),
        (b"x" * 10_000_001, "expected at most 10,000,000 bytes, found more"),
        (archive(data_csv=b"x" * 10_000_001), "data.csv: expected at most 10,000,000 bytes, found more"),
    ],
    ids=["another file", "no member", "no archive", "too large", "too large inside"],
)
def test_what_is_not_the_data_is_refused_and_nothing_is_written(content: bytes, message: str, tmp_path: Path) -> None:
    done = fetch(tmp_path / "data", content, tmp_path)
    assert (done.returncode, message in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "data").exists()


def test_an_address_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        done = run(tmp_path / "data", f"{address}/none.zip")
    assert (done.returncode, "/none.zip: expected the data, found: HTTP Error 404" in done.stderr) == (1, True)


def test_the_data_is_written_once_and_a_damaged_file_is_fetched_again(tmp_path: Path) -> None:
    data = Path(os.environ.get("VISHWAOPS_TEST_DATA", STUDENT_DATA)) / NAME
    if not data.is_file():
        pytest.skip(f"student data is not on this machine: {NAME}")
    sound, path = archive(data_csv=data.read_bytes()), tmp_path / "data" / NAME
    assert "fetched, 533,230 bytes" in fetch(tmp_path / "data", sound, tmp_path).stdout
    assert "is there" in fetch(tmp_path / "data", b"", tmp_path).stdout
    path.write_text("damaged")
    assert "fetched" in fetch(tmp_path / "data", sound, tmp_path).stdout
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(data.read_bytes()).digest()
