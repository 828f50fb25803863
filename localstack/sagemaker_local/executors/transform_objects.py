"""The input objects of a transform job, and the URIs of its results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagemaker_local import aws
from sagemaker_local.errors import JobFailure
from sagemaker_local.s3 import split_uri


@dataclass(frozen=True)
class InputObject:
    """One S3 object, and its name relative to the input's prefix."""

    bucket: str
    key: str
    relative: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def inputs_of(source: dict[str, Any], region: str) -> list[InputObject]:
    """All objects of an S3DataSource: under its prefix, or named by its manifest.

    Raises:
        JobFailure: there are none, or the manifest is malformed.
    """
    uri = source["S3Uri"]
    found = _listed(uri, region) if source["S3DataType"] == "S3Prefix" else _named(uri, region)
    if not found:
        raise JobFailure(f"ClientError: No S3 objects found under S3 URL {uri!r}.")
    return found


def output_uri(item: InputObject, folder: str) -> str:
    """The URI of an object's result: its relative name with `.out` at the end."""
    return f"{folder.rstrip('/')}/{item.relative}.out"


def upload(path: Path, uri: str, region: str) -> None:
    """Uploads one file as one object; large ones in parts.

    Raises:
        JobFailure: S3 refuses it.
    """
    bucket, key = split_uri(uri)
    try:
        aws.client("s3", region).upload_file(str(path), bucket, key)
    except Exception as error:
        raise JobFailure(f"ClientError: Failed to upload {uri}: {error}") from error


def _listed(uri: str, region: str) -> list[InputObject]:
    bucket, prefix = split_uri(uri)
    try:
        pages = aws.client("s3", region).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    except Exception as error:
        raise JobFailure(f"ClientError: No S3 objects found under S3 URL {uri!r}: {error}") from error
    return [InputObject(bucket, key, _relative(key, prefix)) for key in keys if not key.endswith("/")]


def _relative(key: str, prefix: str) -> str:
    """A key without the prefix's folders; a file name that the prefix only begins stays whole."""
    if prefix and not prefix.endswith("/") and key.startswith(f"{prefix}/"):
        return key[len(prefix) + 1 :]
    return key[prefix.rfind("/") + 1 :]


def _named(uri: str, region: str) -> list[InputObject]:
    bucket, key = split_uri(uri)
    try:
        entries = json.loads(aws.client("s3", region).get_object(Bucket=bucket, Key=key)["Body"].read())
        prefixes = [entry["prefix"] for entry in entries if isinstance(entry, dict)]
        names = [entry for entry in entries if isinstance(entry, str)]
    except Exception as error:
        raise JobFailure(f"ClientError: Manifest {uri} can't be read: {error}") from error
    if len(prefixes) != 1:
        raise JobFailure(f"ClientError: Manifest {uri} must begin with one prefix; it has {len(prefixes)}.")
    place, start = split_uri(prefixes[0])
    return [InputObject(place, start + name, name) for name in names]
