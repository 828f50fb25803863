"""Downloads and uploads of jobs in S3: prefixes, manifests, folders and archives."""

from __future__ import annotations

import gzip
import shutil
import tarfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from sagemaker_local import aws, strict_json
from sagemaker_local.archives import copy_limited, extract, inside
from sagemaker_local.errors import JobFailure

_CHUNK = 1 << 20
_AT_ONCE = 8
_LARGEST_DOCUMENT = 64 << 20
_MULTIPART_FROM = 64 << 20
_COMPRESSION = 4  # gzip level of model.tar.gz: two to three times as fast as the default, a few percent larger


@dataclass(frozen=True)
class Part:
    """One instance's share of ShardedByS3Key: every object goes to exactly one instance."""

    position: int = 0
    count: int = 1

    def of(self, keys: list[str]) -> list[str]:
        return keys[self.position :: self.count]


ALL = Part()


@dataclass(frozen=True)
class S3:
    """S3 for jobs. Every method may raise JobFailure with AWS's reason."""

    region: str

    def download_prefix(self, uri: str, folder: Path, *, unzip: bool = False, part: Part = ALL) -> int:
        """Downloads all objects under a prefix into a folder, by their keys relative to it; returns their number.

        A prefix that is itself a key gives one file. Keys that end in a slash, as consoles make for folders,
        are left out. `part` picks one instance's share of them.
        """
        bucket, prefix = split_uri(uri)
        keys = [key for key in self._keys(bucket, prefix, uri) if not key.endswith("/")]
        if not keys:
            raise JobFailure(_nothing_there(uri, self.region))
        self._download_all(bucket, [(key, _relative(key, prefix)) for key in part.of(keys)], folder, unzip)
        return len(keys)

    def download_manifest(self, uri: str, folder: Path, *, unzip: bool = False, part: Part = ALL) -> int:
        """Downloads the objects of a manifest: `[{"prefix": "s3://…/"}, "relative/key", …]`, by those relative keys."""
        prefixes, keys = _read_manifest(self.read(uri), uri)
        keys = part.of(keys)
        for prefix in prefixes:
            bucket, start = split_uri(prefix)
            self._download_all(bucket, [(start + key, key) for key in keys], folder, unzip)
        return len(keys)

    def download_file(self, uri: str, target: Path) -> None:
        """Downloads one object into one file."""
        bucket, key = split_uri(uri)
        self._download(bucket, key, target, unzip=False)

    def read(self, uri: str) -> bytes:
        """A document, such as a manifest or a pipeline definition, which is read into memory."""
        bucket, key = split_uri(uri)
        try:
            found = aws.client("s3", self.region).get_object(Bucket=bucket, Key=key)
            if found["ContentLength"] <= _LARGEST_DOCUMENT:
                return bytes(found["Body"].read())
        except Exception as error:
            raise JobFailure(f"ClientError: Failed to read {uri}: {error}") from error
        raise JobFailure(
            f"ClientError: {uri} has more than {_LARGEST_DOCUMENT:,} bytes, which is too large for a document."
        )

    def download_what_is_there(self, uri: str, folder: Path) -> None:
        """Downloads all objects under a prefix; there may be none."""
        bucket, prefix = split_uri(uri.rstrip("/") + "/")
        keys = [key for key in self._keys(bucket, prefix, uri) if not key.endswith("/")]
        self._download_all(bucket, [(key, key.removeprefix(prefix)) for key in keys], folder, unzip=False)

    def upload_file(self, path: Path, uri: str) -> None:
        """Uploads one file as one object."""
        self._upload(path, *split_uri(uri))

    def upload_folder(self, folder: Path, uri: str) -> None:
        """Uploads every file of a folder, by its relative path under the URI."""
        bucket, prefix = split_uri(uri.rstrip("/") + "/")
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda path: self._upload(path, bucket, prefix + path.relative_to(folder).as_posix()), files))

    def upload_archive(self, folders: list[Path], uri: str, scratch: Path) -> None:
        """Uploads the content of folders as one `.tar.gz` object; of files with equal names, the first folder's."""
        taken: set[str] = set()
        with tarfile.open(scratch, "w:gz", compresslevel=_COMPRESSION) as archive:
            for folder in folders:
                for path in sorted(folder.rglob("*")):
                    name = path.relative_to(folder).as_posix()
                    if name not in taken:
                        archive.add(path, arcname=name, recursive=False)
                        taken.add(name)
        bucket, key = split_uri(uri)
        self._upload(scratch, bucket, key)
        scratch.unlink()

    def download_archive(self, uri: str, folder: Path, scratch: Path) -> None:
        """Unpacks a `.tar.gz` object into a folder; no member may lie outside."""
        self.download_file(uri, scratch)
        try:
            extract(scratch, folder, uri)
        finally:
            scratch.unlink()

    def _keys(self, bucket: str, prefix: str, uri: str) -> Iterable[str]:
        try:
            lister = aws.client("s3", self.region).get_paginator("list_objects_v2")
            pages = lister.paginate(Bucket=bucket, Prefix=prefix)
            return [item["Key"] for page in pages for item in page.get("Contents", [])]
        except Exception as error:
            raise JobFailure(f"{_nothing_there(uri, self.region)} Error message from S3: {error}") from error

    def _download_all(self, bucket: str, wanted: list[tuple[str, str]], folder: Path, unzip: bool) -> None:
        targets = [(key, inside(folder, relative)) for key, relative in wanted]
        if len(targets) == 1:
            self._download(bucket, *targets[0], unzip=unzip)
        if len(targets) < 2:
            return
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda item: self._download(bucket, *item, unzip=unzip), targets))

    def _download(self, bucket: str, key: str, target: Path, *, unzip: bool) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            body = aws.client("s3", self.region).get_object(Bucket=bucket, Key=key)["Body"]
            source: IO[bytes] | Any = body
            if unzip:
                target = target.with_suffix("") if target.suffix == ".gz" else target
                source = gzip.GzipFile(fileobj=body)
            with target.open("wb") as file:
                if unzip:
                    copy_limited(source, file, target.parent, f"s3://{bucket}/{key}")
                else:
                    shutil.copyfileobj(source, file, _CHUNK)
        except JobFailure:
            raise
        except Exception as error:
            raise JobFailure(f"ClientError: Data download failed: s3://{bucket}/{key}: {error}") from error

    def _upload(self, path: Path, bucket: str, key: str) -> None:
        try:
            client = aws.client("s3", self.region)
            if path.stat().st_size > _MULTIPART_FROM:
                client.upload_file(str(path), bucket, key)
                return
            with path.open("rb") as file:
                client.put_object(Bucket=bucket, Key=key, Body=file)
        except Exception as error:
            raise JobFailure(f"ClientError: Artifact upload failed: s3://{bucket}/{key}: {error}") from error


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`.

    Raises:
        JobFailure: it is not such a URI.
    """
    parts = urlsplit(uri, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc:
        raise JobFailure(f"ClientError: {uri!r} is not an s3://bucket/key URI.")
    return parts.netloc, uri.split("/", 3)[3] if uri.count("/") > 2 else ""


def _read_manifest(content: bytes, uri: str) -> tuple[list[str], list[str]]:
    try:
        entries = strict_json.loads(content)
        prefixes = [entry["prefix"] for entry in entries if isinstance(entry, dict)]
        keys = [entry for entry in entries if isinstance(entry, str)]
    except (ValueError, TypeError, KeyError) as error:
        raise JobFailure(f"ClientError: Data download failed: manifest {uri} is malformed: {error}") from error
    if not prefixes or not keys:
        raise JobFailure(f"ClientError: Data download failed: manifest {uri} names no prefix or no objects.")
    return prefixes, keys


def _relative(key: str, prefix: str) -> str:
    if key == prefix:
        return key.rsplit("/", 1)[-1]
    if prefix.endswith("/") or not prefix or key[len(prefix)] == "/":
        return key[len(prefix) :].lstrip("/")
    return key[prefix.rfind("/") + 1 :]


def _nothing_there(uri: str, region: str) -> str:
    bucket = urlsplit(uri).netloc
    return (
        f'ClientError: Data download failed: No S3 objects found under S3 URL "{uri}" given in input data source. '
        f"Please ensure that the bucket {bucket} exists in the selected region ({region}) and that objects exist "
        "under that S3 prefix."
    )
