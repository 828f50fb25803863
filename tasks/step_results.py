"""Where Prefect keeps the results of cached steps: references as JSON in S3, used while what they name is there."""

import json
from typing import Any

from prefect.filesystems import WritableFileSystem
from prefect.serializers import Serializer
from pydantic import Field

from tasks import locations, storage
from tasks.references import Reference, decode, encode

RESULTS = "vishwaops-results/vishwaops"
"""Prefect's name of the storage: the slug of the block's type, and the block."""


class ReferenceSerializer(Serializer):
    """References as JSON. Prefect's own serializers run code that is named in what they read."""

    type: str = Field(default="vishwaops-reference", frozen=True)

    def dumps(self, obj: Any) -> bytes:
        """The JSON of a reference; nothing of an error, which Prefect hands over as well: its state has the message."""
        return b"" if isinstance(obj, BaseException) else encode(obj)

    def loads(self, blob: bytes) -> Any:
        """The reference of its JSON."""
        return decode(blob)


FLOW: dict[str, Any] = {"persist_result": False, "result_serializer": ReferenceSerializer()}
"""Options of a flow: its result is not stored, for its records are."""


class Results(WritableFileSystem):
    """Prefect's storage of results: objects of the data bucket, by their keys."""

    _block_type_name = "VishwaOps results"
    _block_type_slug = "vishwaops-results"
    _description = "The results of steps, as JSON below each use case's part of the data bucket."

    def read_path(self, path: str, _sync: bool = True) -> bytes:  # type: ignore[override]  # Prefect calls it so
        """Read a result. Raises ValueError for one that is not ours to read, or that names an object that is gone."""
        content = storage.get(locations.result(path))
        record = json.loads(content)
        if record["metadata"]["serializer"] != ReferenceSerializer().model_dump():
            raise ValueError(f"{path}: expected a result that this project wrote; found another serializer")
        if gone := missing_objects(decode(record["result"])):
            raise ValueError(f"{path}: names objects that are gone: {', '.join(gone)}")
        return content

    def write_path(self, path: str, content: bytes, _sync: bool = True) -> None:  # type: ignore[override]
        """Write a result, but for an error's: it has no key, so no other run would find it."""
        if json.loads(content)["result"]:
            storage.put(locations.result(path), content)


def missing_objects(reference: Reference) -> list[str]:
    """The addresses in a reference's own fields at which S3 has no object, nor one below."""
    values = (getattr(reference, name) for name in type(reference).model_fields)
    return [
        value for value in values if isinstance(value, str) and value.startswith("s3://") and not storage.exists(value)
    ]


def prepare_results() -> None:
    """Tell Prefect's server where results are. Call once in each flow, before its first step."""
    Results().save(RESULTS.split("/")[1], overwrite=True, _sync=True)  # type: ignore[call-arg]
