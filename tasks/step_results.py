"""Prefect's storage of cached results: references as JSON in S3, reused while the objects at their addresses exist."""

import json
from typing import Any

from prefect.exceptions import ObjectAlreadyExists
from prefect.filesystems import WritableFileSystem
from prefect.serializers import Serializer
from pydantic import Field

from tasks import locations, storage
from tasks.references import Reference, decode, encode

ATTEMPTS = 5
RESULTS = "vishwaops-results/vishwaops"
"""Prefect's name of the storage: the slug of the block type, and the name of the block."""


class ReferenceSerializer(Serializer):
    """Serializes references as JSON. Prefect's own serializers can run code that the stored data names."""

    type: str = Field(default="vishwaops-reference", frozen=True)

    def dumps(self, obj: Any) -> bytes:
        """Return a reference as JSON. An error, which Prefect also passes, becomes empty: its state has the message."""
        return b"" if isinstance(obj, BaseException) else encode(obj)

    def loads(self, blob: bytes) -> Any:
        """Return the reference in the JSON."""
        return decode(blob)


FLOW: dict[str, Any] = {"persist_result": False, "result_serializer": ReferenceSerializer()}
"""Options of a flow: its result is not stored, for its records are."""


class Results(WritableFileSystem):
    """Prefect's result storage: objects of the data bucket, by key."""

    _block_type_name = "VishwaOps results"
    _block_type_slug = "vishwaops-results"
    _description = "The results of steps, as JSON below each use case's prefix of the data bucket."

    def read_path(self, path: str, _sync: bool = True) -> bytes:  # type: ignore[override]  # Prefect calls it so
        """Read a result. Raises ValueError for a result of another serializer, or with objects that no longer exist."""
        content = storage.get(locations.result(path))
        record = json.loads(content)
        if record["metadata"]["serializer"] != ReferenceSerializer().model_dump():
            raise ValueError(f"{path}: expected a result that this project wrote; found another serializer")
        if gone := missing_objects(decode(record["result"])):
            raise ValueError(f"{path}: has the addresses of objects that no longer exist: {', '.join(gone)}")
        return content

    def write_path(self, path: str, content: bytes, _sync: bool = True) -> None:  # type: ignore[override]
        """Write a result, except that of an error: it has no key, so no other run would find it."""
        if json.loads(content)["result"]:
            storage.put(locations.result(path), content)


def missing_objects(reference: Reference) -> list[str]:
    """Return the S3 addresses in a reference's own fields that are neither an object nor a prefix of one."""
    values = (getattr(reference, name) for name in type(reference).model_fields)
    return [
        value for value in values if isinstance(value, str) and value.startswith("s3://") and not storage.exists(value)
    ]


def prepare_results() -> None:
    """Register the result storage with Prefect's server. Call once in each flow, before its first step."""
    for attempt in range(ATTEMPTS):
        try:
            Results().save(RESULTS.split("/")[1], overwrite=True, _sync=True)  # type: ignore[call-arg]
            return
        except ObjectAlreadyExists:  # another run of a new server registers it at the same time
            if attempt == ATTEMPTS - 1:
                raise
