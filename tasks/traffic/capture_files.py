"""The capture files of a use case, by the hour of traffic that they belong to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from config.use_case import UseCase
from tasks import locations, names, storage
from tasks.sagemaker.data_capture import hosted_in
from tasks.traffic.hours import FORMAT, HourKey

NAME = re.compile(r"(?P<hour>\d{4}/\d\d/\d\d/\d\d)/[^/]+\.jsonl")


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
        if (found := NAME.fullmatch(item.name)) and (start := _hour(found["hour"])):
            yield start, item


def _hour(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
