"""Downloads the student data of some tests: `python .ci/student_data.py FOLDER [ADDRESS]`. Needs the network.

UCI 697, "Predict Students' Dropout and Academic Success" (Realinho et al. 2022), CC BY 4.0. A file in FOLDER with the
expected SHA-256 digest is kept. GitHub's CI runs this script; tests never run it.
"""

import hashlib
import io
import sys
import urllib.request
import zipfile
from pathlib import Path

ADDRESS = "https://archive.ics.uci.edu/static/public/697/predict+students+dropout+and+academic+success.zip"
MEMBER = "data.csv"
NAME = "uci697_dropout.csv"
SHA256 = "3ef126de5cefff26eb11fbb4237f1a1401cb64b488e2f1d598c23cedeb4c45ae"
"""The digest of the member."""
MAX_BYTES = 10_000_000
SECONDS = 60


def main(folder: Path, address: str = ADDRESS) -> None:
    """Write the data to `folder` unless it exists. Exits with status 1 when the download is another file."""
    path = folder / NAME
    if path.is_file() and _digest(path.read_bytes()) == SHA256:
        print(f"{path}: is there")
        return
    content = _member(_fetched(address), address)
    if (found := _digest(content)) != SHA256:
        sys.exit(
            f"{address}: {MEMBER}: expected the SHA-256 digest {SHA256}, found {found}. The data has changed: check it"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_bytes(content)
    path.with_suffix(".part").replace(path)
    print(f"{path}: fetched, {len(content):,} bytes")


def _fetched(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:  # noqa: S310  # the address is ours, or a test's
            content: bytes = answer.read(MAX_BYTES + 1)
    except OSError as error:
        sys.exit(f"{address}: expected the data, found: {error}. Try again later")
    if len(content) > MAX_BYTES:
        sys.exit(f"{address}: expected at most {MAX_BYTES:,} bytes, found more")
    return content


def _member(content: bytes, address: str) -> bytes:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        if archive.getinfo(MEMBER).file_size > MAX_BYTES:
            sys.exit(f"{address}: {MEMBER}: expected at most {MAX_BYTES:,} bytes, found more")
        return archive.read(MEMBER)
    except (zipfile.BadZipFile, KeyError) as error:
        sys.exit(f"{address}: expected a zip archive with {MEMBER}, found: {error}")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).expanduser(), *sys.argv[2:])
