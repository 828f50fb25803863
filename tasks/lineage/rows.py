"""The lineage of rows: a split, the validated rows, the dataset version and its source."""

from typing import Any

import pyarrow as pa

from config.errors import MissingInput
from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.landing import reading, versions
from tasks.landing.versions import Version
from tasks.lineage.link import Link, State
from tasks.rows.intake import NOT_DIGESTED, dataset_digest, described_schema
from tasks.split_content import stored_digest


def split_link(use_case: UseCase, folder: str, digest: str, verify: bool, elsewhere: bool = False) -> Link:
    """Return the lineage of a split. With `verify`, the digest of its rows and its contract is computed again.

    `elsewhere` tells that its dataset is in another environment.
    """
    manifest = storage.find_manifest(folder)
    if manifest is None:
        return Link("split", digest, "missing", f"{folder} was deleted")
    rows = ", ".join(f"{count:,} {part}" for part, count in manifest["rows"].items())
    state, detail = _split_state(folder, manifest, digest) if verify else ("found", "")
    dataset = str(manifest["dataset"])
    source = Link("dataset version", dataset, "elsewhere") if elsewhere else dataset_link(use_case, dataset, verify)
    return Link("split", digest, state, detail or f"{rows} rows in {folder}", (*_validated(use_case, dataset), source))


def _split_state(folder: str, manifest: dict[str, Any], digest: str) -> tuple[State, str]:
    try:
        found = stored_digest(folder, manifest)
    except FileNotFoundError as error:
        return "missing", str(error)
    if found == digest:
        return "verified", ""
    if found == manifest.get("left_digest"):
        return "reduced", _by_request(manifest["forgotten"], f"left: {sum(manifest['rows'].values()):,} in {folder}")
    return "differs", f"its rows and contract have the digest {found}"


def _by_request(rows: int, left: str) -> str:
    return f"{rows:,} rows were removed by request (vishwaops forget); {left}"


def _validated(use_case: UseCase, dataset: str) -> tuple[Link, ...]:
    """The validated datasets of a dataset version: one for each set of rules that it was validated with."""
    folder = locations.validated_versions(use_case.name)
    found = {name: storage.get_json(f"{folder}/{name}/{locations.MANIFEST}") for name in storage.versions(folder)}
    return tuple(
        Link("validated rows", name, detail=f"{each['rows']:,} rows in {folder}/{name}")
        for name, each in found.items()
        if each.get("dataset") == dataset
    )


def dataset_link(use_case: UseCase, digest: str, verify: bool) -> Link:
    """Return the lineage of a dataset version. With `verify`, the digest of its rows is computed again."""
    known = next((each for each in versions.versions(use_case.name) if each.digest == digest), None)
    if known is None:
        return Link("dataset version", digest, "missing", "it was deleted (vishwaops data gc), or is another table's")
    state, more = _rows_state(use_case, known) if verify else ("found", "")
    malformed = f", {known.malformed:,} malformed" if known.malformed else ""
    detail = f"snapshot {known.snapshot}: {known.rows:,} rows{malformed}, {known.at:%Y-%m-%d %H:%M} UTC"
    run = (Link("ingested by", f"run {known.run}", detail=f"code {known.code}"),) if known.run else ()
    source = Link("source", known.source, detail="its rows are those of the dataset version's digest")
    return Link("dataset version", digest, state, f"{detail}{more}", (*run, source))


def _rows_state(use_case: UseCase, version: Version) -> tuple[State, str]:
    """Compute the digest of a version's rows again, if it covers all of them."""
    if version.position is not None:
        return "found", "; the digest of an incremental version covers each batch as it was read: not computed again"
    try:
        with reading.opened(versions.reference(use_case.name, version)) as rows:
            digest = digests.RowDigest(pa.schema([each for each in rows.schema if each.name not in NOT_DIGESTED]))
            for batch in rows.iter_batches():
                digest.update(batch.drop_columns(list(NOT_DIGESTED)))
    except (MissingInput, FileNotFoundError) as error:
        return "missing", f"; {error}"
    found = dataset_digest(digest.hexdigest(), described_schema(use_case))
    if found == version.digest:
        return "verified", ""
    if found == version.left_digest:
        return "reduced", f"; {_by_request(version.forgotten, 'the others are as recorded then')}"
    return "differs", f"; its rows have the digest {found} with the columns of the YAML as they are now"
