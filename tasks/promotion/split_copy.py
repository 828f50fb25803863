"""The split that the other environment's model was trained on, as this environment needs it.

A deployment sends held-out rows to the new version, and drift is measured from the training rows.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any

from config.errors import GateError, MissingInput
from config.use_case import UseCase
from tasks import locations, storage
from tasks.promotion.source import SourcePackage, reading_there
from tasks.references import DataSplit
from tasks.split_content import content_digest, opened_files


@dataclass(frozen=True)
class SplitCopy:
    """A verified copy of a split on this machine: its manifest, and its files by name."""

    manifest: Mapping[str, Any]
    files: Mapping[str, IO[bytes]]


@contextmanager
def verified_split(use_case: UseCase, source: SourcePackage) -> Iterator[SplitCopy]:
    """Copy the split of a package to temporary files.

    Raises MissingInput when a file is missing, and GateError when the content differs from the split's digest.
    """
    folder = source.split_uri
    with ExitStack() as opened:
        try:
            with reading_there():
                manifest = storage.get_json(f"{folder}/{locations.MANIFEST}")
                found = opened.enter_context(opened_files(folder, manifest))
        except FileNotFoundError as error:
            raise MissingInput(
                f"{source.arn}: expected the split that the model was trained on in {folder}, found none: {error}. "
                "Restore it there, or train again"
            ) from error
        _require_digest(use_case, source, manifest, found)
        yield SplitCopy(manifest, found)


def _require_digest(
    use_case: UseCase, source: SourcePackage, manifest: Mapping[str, Any], files: Mapping[str, IO[bytes]]
) -> None:
    found = {content_digest(manifest, files), str(manifest.get("digest"))}
    if manifest.get("left_digest") in found:
        raise GateError(
            f"{source.split_uri}: expected all rows that the model was trained on, found that "
            f"{manifest['forgotten']:,} were removed by request (vishwaops forget). Train again there, and promote the "
            "new version"
        )
    if found != {source.split_digest} or manifest.get("use_case") != use_case.name:
        raise GateError(
            f"{source.split_uri}: expected the split {source.split_digest} of {use_case.name}; found "
            f"{', '.join(sorted(found))} of {manifest.get('use_case')}: rows or manifest were changed, or another "
            "version of VishwaOps wrote them. Train again there with this version"
        )


def publish_split(use_case: UseCase, split: SplitCopy) -> DataSplit:
    """Publish the split in this environment, unless it has it already."""
    folder = locations.split(use_case.name, split.manifest["digest"])
    return DataSplit.of_manifest(folder, storage.publish(folder, split.files, split.manifest))
