"""The files of ground truth in a folder, or below a prefix in S3, that were not taken before."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.errors import InvalidRows, SourceError
from config.use_case import UseCase
from tasks import digests, locations
from tasks.ground_truth import batches
from tasks.ground_truth.landing import land
from tasks.progress import log
from tasks.references.ground_truth import GroundTruthBatch
from tasks.sources.s3_listing import Prefix


@dataclass(frozen=True)
class Arrival:
    """A file, and the token of its name and content's version."""

    address: str
    token: str | None
    """None for a file that is named itself: its rows tell whether it was taken before."""


def take(use_case: UseCase, source: str | None = None) -> list[GroundTruthBatch]:
    """Take the ground truth of a file, or of the new files of a folder or an `s3://` prefix that ends with a slash.

    Without a source it is the use case's inbox in S3. A file that changes is taken again. Raises SourceError or
    InvalidRows for a file that can't be taken, after taking the others. It is tried again next time.
    """
    taken, failed = list[GroundTruthBatch](), list[SourceError | InvalidRows]()
    for arrival in arrivals(use_case, source):
        try:
            taken.append(land(use_case, arrival.address, arrival.token))
        except (SourceError, InvalidRows) as error:
            failed.append(error)
    if not (taken or failed):
        log.info("feedback  no new file of ground truth: %s", source or locations.ground_truth_inbox(use_case.name))
    if failed:
        raise failed[0] if len(failed) == 1 else SourceError("\n".join(map(str, failed)))
    return taken


def arrivals(use_case: UseCase, source: str | None) -> list[Arrival]:
    """Return the files of a source that were not taken before, in the order of their names."""
    known = set(batches.load(use_case.name).files)
    return [each for each in sorted(_files(use_case, source), key=_address) if each.token not in known]


def taken_arrivals(use_case: UseCase) -> list[Arrival]:
    """Return the files of the inbox that were taken. A hidden one, as of an upload in progress, never is."""
    known = set(batches.load(use_case.name).files)
    return [each for each in sorted(_files(use_case, None), key=_address) if each.token in known]


def _address(arrival: Arrival) -> str:
    return arrival.address


def _files(use_case: UseCase, source: str | None) -> Iterator[Arrival]:
    address = source or f"{locations.ground_truth_inbox(use_case.name)}/"
    if address.lower().startswith("s3://") and address.endswith("/"):
        prefix = Prefix.at(address, "*")
        for file in prefix.files():
            yield Arrival(prefix.uri(file), digests.of_json([prefix.uri(file), file.etag]))
    elif (folder := Path(address).expanduser()).is_dir():
        yield from _in_folder(folder)
    else:
        yield Arrival(address, None)


def _in_folder(folder: Path) -> Iterator[Arrival]:
    for file in folder.rglob("*"):
        hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
        if file.is_file() and not hidden and file.stat().st_size:
            found = file.stat()
            yield Arrival(str(file), digests.of_json([str(file.resolve()), found.st_size, found.st_mtime_ns]))
