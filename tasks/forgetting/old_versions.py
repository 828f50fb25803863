"""The noncurrent versions of objects, which S3 keeps in a versioned bucket after an object is replaced or deleted."""

from collections.abc import Iterator

from config.errors import VishwaOpsError
from tasks import clients, locations, storage
from tasks.forgetting.places import BUCKETS

KEPT = ("audit",)
"""The folders whose noncurrent versions stay: the checkpoints of the audit log."""


def delete_old_versions(use_case: str) -> int:
    """Delete all noncurrent versions and delete markers below the use case's folders; return their number.

    Any of them may have removed rows. The objects themselves stay as they are.
    """
    count = 0
    for purpose in BUCKETS:
        bucket, prefix = storage.address(f"{locations.root(use_case, purpose)}/")
        chunk = []
        for each in _noncurrent(bucket, prefix):
            chunk.append(each)
            if len(chunk) == storage.DELETED_AT_ONCE:
                count += _delete(bucket, chunk)
                chunk = []
        count += _delete(bucket, chunk)
    return count


def _noncurrent(bucket: str, prefix: str) -> Iterator[dict[str, str]]:
    pages = clients.s3().get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        versions = [each for each in page.get("Versions", []) if not each["IsLatest"]]
        for each in [*versions, *page.get("DeleteMarkers", [])]:
            if each["Key"][len(prefix) :].partition("/")[0] not in KEPT:
                yield {"Key": each["Key"], "VersionId": each["VersionId"]}


def _delete(bucket: str, chunk: list[dict[str, str]]) -> int:
    if not chunk:
        return 0
    answer = clients.s3().delete_objects(Bucket=bucket, Delete={"Objects": chunk, "Quiet": True})  # type: ignore[typeddict-item]
    for failed in answer.get("Errors", []):
        raise VishwaOpsError(
            f"{failed['Key']}: expected S3 to delete its old versions, found: {failed['Message']}. The caller needs "
            "s3:DeleteObjectVersion. Run again"
        )
    return len(chunk)
