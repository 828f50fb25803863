"""The hours of live traffic that are stored: one document each, which names the profiles and rows that are valid."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from config.use_case import UseCase
from tasks import locations, names, storage
from tasks.platform import platform
from tasks.references.monitoring import Span, TrafficCounts

DOCUMENT = "hour.json"
FORMAT = "%Y/%m/%d/%H"
"""The folders of an hour, below a variant's."""
HOUR = timedelta(hours=1)
READERS = 10
"""The objects that are read at the same time: as many as a client has connections."""


@dataclass(frozen=True, order=True)
class HourKey:
    """What identifies an hour of traffic: the version that answered, its variant, and the hour in UTC."""

    hosted: str
    """The name of the version's model and endpoint configuration."""
    variant: str
    start: datetime

    def folder(self, use_case: str) -> str:
        """Its folder in S3."""
        return f"{locations.traffic(use_case)}/{self.hosted}/{self.variant}/{self.start:{FORMAT}}"


class Hour(BaseModel):
    """An hour of traffic that one version answered. An object that it does not name is not valid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hosted: str
    version: int
    variant: str
    start: datetime
    """In UTC."""
    read: datetime
    """When its files were last read."""
    files: tuple[str, ...] = ()
    """The files that it has: addresses below the folder of captures, or of predictions."""
    counts: TrafficCounts = TrafficCounts()
    reasons: tuple[str, ...] = ()
    """The first reasons of what could not be read, each with its file and line."""
    profile: str | None = None
    """The address of the profile; None without a scored row. The other objects are addresses as well."""
    sketches: tuple[str, ...] = ()
    """The same rows in whylogs' format; to be merged."""
    segments: dict[str, str] = Field(default_factory=dict)
    """The profile of each segment, such as `school=GP`."""
    scored: tuple[str, ...] = ()
    """The scored rows. They expire earlier than the profile."""
    events: tuple[str, ...] = ()
    """The ids of the requests, as hashes."""

    @property
    def key(self) -> HourKey:
        """What identifies it."""
        return HourKey(self.hosted, self.variant, self.start)

    @property
    def objects(self) -> tuple[str, ...]:
        """The addresses of all objects that are valid."""
        profiles = [self.profile] if self.profile else []
        return (*profiles, *self.sketches, *self.segments.values(), *self.scored, *self.events)


def hours(
    use_case: UseCase, span: Span | None = None, version: int | None = None, *, shadows: bool = False
) -> list[Hour]:
    """Return the stored hours of a span, by default of all time, oldest first.

    `version` selects one model version. The hours of shadow variants, whose answers nobody got, only come with
    `shadows`.
    """
    root = locations.traffic(use_case.name)
    addresses = [
        f"{root}/{hosted}/{variant}/{name}"
        for hosted in storage.folders(root)
        if (known := names.version_of(use_case, hosted)) is not None and version in (None, known)
        for variant in storage.folders(f"{root}/{hosted}")
        if shadows or variant == platform().variant
        for name in _documents(f"{root}/{hosted}/{variant}", span)
    ]
    with ThreadPoolExecutor(READERS) as pool:
        found = list(pool.map(_read, addresses))
    return sorted(found, key=lambda hour: (hour.start, hour.version, hour.hosted, hour.variant))


def _read(uri: str) -> Hour:
    return storage.parsed(uri, storage.get(uri), Hour)


def _documents(folder: str, span: Span | None) -> Iterator[str]:
    since = f"{span.since.astimezone(UTC):{FORMAT}}" if span else ""
    for item in storage.listed(folder, since):
        start = item.name.removesuffix(f"/{DOCUMENT}")
        if span and start >= f"{span.until.astimezone(UTC):{FORMAT}}":
            return
        if start != item.name:
            yield item.name


def find(use_case: str, key: HourKey) -> tuple[Hour | None, str | None]:
    """Return an hour and its version for `replace`; None and None when it is not stored."""
    uri = f"{key.folder(use_case)}/{DOCUMENT}"
    try:
        content, seen = storage.get_version(uri)
    except FileNotFoundError:
        return None, None
    return storage.parsed(uri, content, Hour), seen


def replace(use_case: str, hour: Hour, seen: str | None) -> None:
    """Store an hour: the one write that makes its objects valid. Raises `storage.Changed` when it is not as `seen`."""
    storage.put_if(f"{hour.key.folder(use_case)}/{DOCUMENT}", hour.model_dump_json().encode(), seen)


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of a moment's hour, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
