"""Reads and writes S3 objects, and publishes versions atomically."""

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError
from pydantic import BaseModel, ValidationError

from config.errors import AccessDenied, VishwaOpsError
from tasks import cancellation, clients
from tasks.connection import FIRST_PAUSE, LOST, unreachable
from tasks.locations import MANIFEST
from tasks.temporary_files import temporary_file

COPY_BYTES = 1 << 20
DELETED_AT_ONCE = 1000
"""The largest number of objects in one DeleteObjects (Amazon S3 API Reference)."""
MOST_LOST = 5
"""The connections that may be lost within one object."""
ABSENT = ("NoSuchKey", "NoSuchBucket", "404")
DELETED = ("NoSuchKey", "404")
CHANGED = ("PreconditionFailed", "ConditionalRequestConflict")
"""S3's error codes for a failed conditional write (Amazon S3 User Guide, "conditional writes")."""


Stored = TypeVar("Stored", bound=BaseModel)


class Changed(Exception):
    """Another process has written the object since it was read."""


def address(uri: str) -> tuple[str, str]:
    """Split `s3://bucket/key` into bucket and key."""
    bucket, _, key = uri.split("://", 1)[-1].partition("/")
    return bucket, key


def put(uri: str, body: bytes | IO[bytes], content_type: str = "binary/octet-stream") -> None:
    """Write one object atomically."""
    bucket, key = address(uri)
    clients.s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)


def put_if(uri: str, body: bytes, version: str | None) -> None:
    """Write one object if its version still is `version`, from `get_version`; None if it must not exist yet.

    Raises Changed, and writes nothing, otherwise.
    """
    bucket, key = address(uri)
    condition: dict[str, Any] = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
    try:
        clients.s3().put_object(Bucket=bucket, Key=key, Body=body, **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] in (*CHANGED, *DELETED):
            raise Changed(f"{uri}: expected an unchanged object; another process has written it. Run again") from error
        raise


def get(uri: str) -> bytes:
    """Read one object. Raises FileNotFoundError when there is none."""
    return get_version(uri)[0]


def get_version(uri: str) -> tuple[bytes, str]:
    """Read one object and its version for `put_if`. Raises FileNotFoundError when there is none."""
    found = _object(uri)
    return _body(uri, found), found["ETag"]


def parsed(uri: str, content: bytes, kind: type[Stored]) -> Stored:
    """The content of the object at `uri` as a value of a Pydantic model. Raises VishwaOpsError when it is none."""
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise VishwaOpsError(
            f"{uri}: expected the {kind.__name__} that this version of VishwaOps writes, found another content: "
            f"{key}{': ' if key else ''}{first['msg']}. Restore the object's version before it, or delete it"
        ) from error


def get_with_age(uri: str) -> tuple[bytes, timedelta]:
    """Read one object and how long ago it was written, by S3's own clock. Raises FileNotFoundError as `get`."""
    found = _object(uri)
    answered = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
    return _body(uri, found), answered - found["LastModified"]


def opened(uri: str) -> IO[bytes]:
    """Copy one object to a temporary file, open at its beginning. Raises FileNotFoundError when there is none."""
    file = temporary_file()
    copy(uri, file)
    file.seek(0)
    return file


def get_tail(uri: str, most: int) -> bytes:
    """Read the last bytes of one object, at most `most`. Raises FileNotFoundError when there is none."""
    return _body(uri, _object(uri, Range=f"bytes=-{most}"))


def copy(uri: str, file: IO[bytes], show: Callable[[int, int], None] = lambda copied, size: None) -> str:
    """Copy one object to an empty file, and return its ETag. After a lost connection the copy continues where it was.

    `show` is called with the bytes until now and the bytes of the object. Raises FileNotFoundError when there is none,
    Changed when it changes meanwhile, and Unreachable when the connection is lost too often.
    """
    found, lost = _object(uri), 0
    tag, size = found["ETag"], found["ContentLength"]
    while True:
        try:
            for chunk in found["Body"].iter_chunks(COPY_BYTES):
                file.write(chunk)
                show(file.tell(), size)
            return str(tag)
        except LOST as error:
            lost += 1
            if lost > MOST_LOST:
                raise unreachable(error, uri) from error
        cancellation.wait(FIRST_PAUSE * 2**lost)
        found = _rest(uri, file.tell(), tag)


def _rest(uri: str, begin: int, tag: str) -> Any:
    """Request the bytes of an object from `begin` on. Raises Changed when it has another ETag or is deleted."""
    try:
        return _object(uri, Range=f"bytes={begin}-", IfMatch=tag)
    except (ClientError, FileNotFoundError) as error:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] not in CHANGED:
            raise
        raise Changed(f"{uri}: expected an unchanged object; another process has written it. Run again") from error


def download(uri: str, path: Path) -> None:
    """Copy one object to a file. Raises the errors of `copy`."""
    with path.open("wb") as file:
        copy(uri, file)


def _body(uri: str, found: Any) -> bytes:
    with _lost_connections_explained(uri):
        return bytes(found["Body"].read())


@contextmanager
def _lost_connections_explained(uri: str) -> Iterator[None]:
    """Raise Unreachable when the connection is lost within an object: botocore has no event for that."""
    try:
        yield
    except LOST as error:
        raise unreachable(error, uri) from error


def _object(uri: str, **conditions: Any) -> Any:
    bucket, key = address(uri)
    try:
        return clients.s3().get_object(Bucket=bucket, Key=key, **conditions)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            raise FileNotFoundError(f"{uri}: no such object") from error
        raise
    except AccessDenied as error:
        if _is_listed(bucket, key):
            raise
        raise FileNotFoundError(f"{uri}: no such object") from error


def _is_listed(bucket: str, key: str) -> bool:
    """Whether a listing has the object, or is denied as well. To a role that may list its own prefix only, S3 denies
    access to an object that does not exist (Amazon S3 API Reference, GetObject, "Permissions")."""
    try:
        found = clients.s3().list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
    except AccessDenied:
        return True
    return any(item["Key"] == key for item in found)


def exists(uri: str) -> bool:
    """Whether there is an object at `uri`, or below it."""
    bucket, key = address(uri)
    pages = (
        clients.s3()
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix=key, PaginationConfig={"PageSize": 1})
    )
    return any(page.get("KeyCount") for page in pages)


def size(uri: str) -> int:
    """Return the number of bytes of an object. Raises FileNotFoundError when there is none."""
    bucket, key = address(uri)
    try:
        return clients.s3().head_object(Bucket=bucket, Key=key)["ContentLength"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            raise FileNotFoundError(f"{uri}: no such object") from error
        raise


def delete(uris: Sequence[str]) -> None:
    """Delete objects, which are all in one bucket. Those that do not exist are ignored."""
    for first in range(0, len(uris), DELETED_AT_ONCE):
        chunk = [address(uri) for uri in uris[first : first + DELETED_AT_ONCE]]
        answer = clients.s3().delete_objects(
            Bucket=chunk[0][0], Delete={"Objects": [{"Key": key} for _, key in chunk], "Quiet": True}
        )
        for failed in answer.get("Errors", []):
            raise VishwaOpsError(f"{failed['Key']}: expected S3 to delete it, found: {failed['Message']}. Run again")


def put_json(uri: str, content: Any) -> None:
    """Write `content` as a JSON object."""
    put(uri, json.dumps(content, indent=2, default=str).encode())


def get_json(uri: str) -> Any:
    """Read a JSON object. Raises FileNotFoundError when there is none."""
    return json.loads(get(uri))


def parquet(frame: pd.DataFrame) -> bytes:
    """Return the frame as the bytes of a Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), buffer, compression="zstd")
    return buffer.getvalue()


def get_parquet(uri: str) -> pd.DataFrame:
    """Read a Parquet object. Raises FileNotFoundError when there is none."""
    return pd.read_parquet(io.BytesIO(get(uri)))


def get_batches(uri: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Read the `columns` of a Parquet object in record batches. Raises FileNotFoundError when there is none."""
    with opened(uri) as file:
        yield from pq.ParquetFile(file).iter_batches(columns=list(columns))


def publish(folder: str, objects: Mapping[str, bytes | IO[bytes]], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Publish `objects`, by name, as the version `folder`, and return its manifest.

    The manifest is written last. So a run that is killed before publishes no version, and the next run overwrites
    the objects. An existing version does not change, except that deleted objects are restored.
    """
    if (found := find_manifest(folder)) is not None:
        _put_missing(folder, objects)
        return found
    for name, body in objects.items():
        put(f"{folder}/{name}", body)
    put_json(f"{folder}/{MANIFEST}", manifest)
    return json.loads(json.dumps(manifest, default=str))  # type: ignore[no-any-return]


def _put_missing(folder: str, objects: Mapping[str, bytes | IO[bytes]]) -> None:
    there = set(names(folder))
    for name, body in objects.items():
        if name not in there:
            put(f"{folder}/{name}", body)


def find_manifest(folder: str) -> dict[str, Any] | None:
    """Return the manifest of the version in `folder`, or None when there is no version."""
    try:
        return get_json(f"{folder}/{MANIFEST}")  # type: ignore[no-any-return]
    except FileNotFoundError:
        return None


def versions(folder: str) -> list[str]:
    """Return the names of the versions directly below `folder`, sorted."""
    return sorted(key.removesuffix("/" + MANIFEST) for key in names(folder) if key.endswith("/" + MANIFEST))


def names(folder: str) -> Iterator[str]:
    """Yield the names of the objects below `folder`, without its address."""
    return (item.name for item in listed(folder))


@dataclass(frozen=True)
class Item:
    """An object of a listing."""

    name: str
    """Its key below the folder."""
    size: int
    """Bytes."""
    written: datetime
    """By S3's clock."""


def listed(folder: str, after: str = "") -> Iterator[Item]:
    """Yield the objects below a folder, by name, if their names are greater than `after`."""
    bucket, before = address(f"{folder}/")
    lister = clients.s3().get_paginator("list_objects_v2")
    pages = lister.paginate(Bucket=bucket, Prefix=before, StartAfter=f"{before}{after}")
    for page in pages:
        for item in page.get("Contents", []):
            yield Item(item["Key"][len(before) :], item["Size"], item["LastModified"])


def folders(folder: str) -> Iterator[str]:
    """Yield the names of the folders directly below a folder."""
    bucket, before = address(f"{folder}/")
    pages = clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=before, Delimiter="/")
    for page in pages:
        yield from (item["Prefix"][len(before) : -1] for item in page.get("CommonPrefixes", []))


def newest(folder: str, name: str, most: int) -> list[str]:
    """Return the addresses of the last `most` objects called `name` below a folder, latest first."""
    found = [item for item in listed(folder) if item.name.endswith(f"/{name}")]
    latest = sorted(found, key=lambda item: item.written, reverse=True)
    return [f"{folder}/{item.name}" for item in latest[:most]]


def modified(uri: str) -> datetime:
    """Return when an object was written."""
    bucket, key = address(uri)
    written: datetime = clients.s3().head_object(Bucket=bucket, Key=key)["LastModified"]
    return written
