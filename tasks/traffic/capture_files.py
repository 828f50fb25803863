"""The capture files of a use case, by the hour of traffic that they belong to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from config.use_case import UseCase
from tasks import locations, names, storage
from tasks.sagemaker.data_capture import hosted_in
from tasks.traffic.hours import FORMAT, HourKey

_HOUR = re.compile(r"(?:^|/)(\d{4}/\d\d/\d\d/\d\d)/[^/]+$")
"""The folders of an hour, and a file in them."""
ENDING = ".jsonl"


@dataclass
class HourFiles:
    """The files of one hour of traffic."""

    key: HourKey
    version: int
    names: list[str] = field(default_factory=list)
    """Below the folder of captures."""
    size: int = 0
    """Bytes."""


def by_hour(use_case: UseCase, first_hour: datetime) -> list[HourFiles]:
    """Return the capture files from an hour on, by hour, oldest first. Objects with other names are ignored."""
    found: dict[HourKey, HourFiles] = {}
    for key, version, name, size in _files(use_case, first_hour):
        files = found.setdefault(key, HourFiles(key, version))
        files.names.append(name)
        files.size += size
    return sorted(found.values(), key=lambda files: (files.key.start, files.key))


def _files(use_case: UseCase, first_hour: datetime) -> Iterator[tuple[HourKey, int, str, int]]:
    root = locations.capture(use_case.name)
    for folder in storage.folders(root):
        for endpoint in storage.folders(f"{root}/{folder}"):
            for variant in storage.folders(f"{root}/{folder}/{endpoint}"):
                hosted = hosted_in(folder, variant)
                version = names.version_of(use_case, hosted)
                if version is None:
                    continue
                below = f"{folder}/{endpoint}/{variant}"
                for start, item in _of_variant(f"{root}/{below}", first_hour):
                    yield HourKey(hosted, variant, start), version, f"{below}/{item.name}", item.size


def _of_variant(folder: str, first_hour: datetime) -> Iterator[tuple[datetime, storage.Item]]:
    for item in storage.listed(folder, f"{first_hour:{FORMAT}}"):
        if item.name.endswith(ENDING) and (start := hour_in(item.name)):
            yield start, item


def hour_in(name: str) -> datetime | None:
    """Return the hour of an object, by the folders in its name; None for another object."""
    found = _HOUR.search(name)
    try:
        return datetime.strptime(found[1], FORMAT).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
