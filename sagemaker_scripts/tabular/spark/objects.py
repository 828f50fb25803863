"""Objects in S3 as a job's tasks read and write them; a local path works too."""

import io
from pathlib import Path
from typing import IO, Any


def _address(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _s3() -> Any:
    import boto3

    return boto3.client("s3")


def size(uri: str) -> int:
    """Return the bytes of an object."""
    if not uri.startswith("s3://"):
        return Path(uri).stat().st_size
    bucket, key = _address(uri)
    return int(_s3().head_object(Bucket=bucket, Key=key)["ContentLength"])


def opened(uri: str, start: int = 0, end: int | None = None) -> IO[bytes]:
    """Open an object from a byte on, up to the byte before `end`, for reading once."""
    if not uri.startswith("s3://"):
        with Path(uri).open("rb") as file:
            file.seek(start)
            return io.BytesIO(file.read() if end is None else file.read(end - start))
    bucket, key = _address(uri)
    last = "" if end is None else str(end - 1)
    found: IO[bytes] = _s3().get_object(Bucket=bucket, Key=key, Range=f"bytes={start}-{last}")["Body"]
    return found


def seekable(uri: str) -> IO[bytes]:
    """Open an object for reading at any place, such as one column of a Parquet file. Each read is one request."""
    return Path(uri).open("rb") if not uri.startswith("s3://") else _Seekable(uri)  # type: ignore[return-value]


class _Seekable(io.RawIOBase):
    def __init__(self, uri: str) -> None:
        self._uri, self._size, self._place = uri, size(uri), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        before = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = before + offset
        return self._place

    def read(self, size: int | None = -1) -> bytes:
        end = self._size if size is None or size < 0 else min(self._place + size, self._size)
        if end <= self._place:
            return b""
        with opened(self._uri, self._place, end) as stream:
            content = stream.read()
        self._place += len(content)
        return content


def put(uri: str, file: IO[bytes]) -> None:
    """Write a file, from its beginning, as an object."""
    file.seek(0)
    if not uri.startswith("s3://"):
        path = Path(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.read())
        return
    bucket, key = _address(uri)
    _s3().upload_fileobj(file, bucket, key)


def delete(uris: list[str]) -> None:
    """Delete objects."""
    for uri in uris:
        if uri.startswith("s3://"):
            bucket, key = _address(uri)
            _s3().delete_object(Bucket=bucket, Key=key)
        else:
            Path(uri).unlink()
