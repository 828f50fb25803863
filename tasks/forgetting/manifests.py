"""The manifests of versions whose rows were removed: they keep their names, and say what is left.

`forgotten` is the number of rows that were removed. A split's `left_digest` is the digest of the rows that are left:
`lineage --verify` compares the stored rows with it. Counts are of the stored objects, so writing them again is safe.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow.parquet as pq

from tasks import digests, locations, storage
from tasks.references import BatchScores
from tasks.rows import stored_rows
from tasks.split_content import stored_digest

FORGOTTEN, LEFT_DIGEST = "forgotten", "left_digest"


def update(folder: str) -> None:
    """Write the manifest of a version again by what its folder has. Without a manifest, nothing is written."""
    manifest = storage.find_manifest(folder)
    if manifest is None:
        return
    place = folder.split("/")[4]
    if place == "scores":
        new = _of_scores(folder, manifest)
    else:
        new = {"splits": _of_split, "validated": _of_validated, "predictions": _of_predictions}.get(
            place, lambda _, found: dict(found)
        )(folder, manifest)
    if new != manifest:
        storage.put_json(f"{folder}/{locations.MANIFEST}", new)


def _of_split(folder: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    rows = {part: _rows_below(f"{folder}/{part}") for part in manifest["rows"]}
    before = sum(manifest["rows"].values()) + manifest.get(FORGOTTEN, 0)
    new = {**manifest, "rows": rows, FORGOTTEN: before - sum(rows.values())}
    return {**new, LEFT_DIGEST: stored_digest(folder, manifest)} if new[FORGOTTEN] else dict(manifest)


def _of_validated(folder: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    rows = _rows(f"{folder}/rows.parquet")
    forgotten = manifest["rows"] + manifest.get(FORGOTTEN, 0) - rows
    return {**manifest, "rows": rows, FORGOTTEN: forgotten} if forgotten else dict(manifest)


def _of_predictions(folder: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    uri = str(manifest["uri"])
    with storage.opened(uri) as file:
        rows, sha256 = pq.ParquetFile(file).metadata.num_rows, digests.of_file(file)
    forgotten = manifest["rows"] + manifest.get(FORGOTTEN, 0) - rows
    quarantined = _rows(f"{folder}/quarantine.parquet") if manifest["quarantined"] else 0
    new = {**manifest, "rows": rows, "sha256": sha256, "quarantined": quarantined}
    return {**new, FORGOTTEN: forgotten} if forgotten else new


def _of_scores(folder: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    if "/results/" not in folder:
        return dict(manifest)
    scores = BatchScores.model_validate(manifest)
    rows = _rows_below(scores.uri)
    aside = _rows_below(scores.quarantine_uri) if scores.quarantine_uri else 0
    gone = scores.rows + scores.forgotten - rows
    new = scores.model_copy(update={"rows": rows, "quarantined": aside, "forgotten": gone})
    return new.model_dump(mode="json")


def _rows(uri: str) -> int:
    with stored_rows.opened(uri) as file:
        return int(file.metadata.num_rows)


def _rows_below(folder: str) -> int:
    return sum(_rows(f"{folder}/{name}") for name in storage.names(folder) if name.endswith(".parquet"))
