"""The reports of earlier validations of a use case, for the check of volume and the data report."""

import statistics
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.thresholds import Volume
from tasks import locations, storage
from tasks.rows.checking import BatchCheck

MOST = 30
"""The number of earlier versions that are read."""
REPORT = "report.json"


@dataclass(frozen=True)
class EarlierVersion:
    """What the report of an earlier version has."""

    dataset: str
    validated_at: datetime
    rows: int
    quarantined: int

    @property
    def share(self) -> float:
        """The share of the quarantined rows."""
        return self.quarantined / self.rows if self.rows else 0.0


def earlier_versions(use_case: str, dataset: str) -> list[EarlierVersion]:
    """Return the latest validation of each other dataset version, oldest first, at most MOST."""
    newest = storage.newest(locations.validated_versions(use_case), REPORT, MOST)
    found = [_version(storage.get_json(uri)) for uri in newest]
    latest = {each.dataset: each for each in sorted(found, key=lambda each: each.validated_at)}
    return sorted((each for each in latest.values() if each.dataset != dataset), key=lambda each: each.validated_at)


def _version(report: dict[str, Any]) -> EarlierVersion:
    validated_at = datetime.fromisoformat(report["validated_at"])
    return EarlierVersion(report["dataset"], validated_at, report["rows"], report["quarantined"])


def median_rows(volume: Volume, earlier: list[EarlierVersion]) -> float | None:
    """Return the median number of rows of the last versions; None when there is none."""
    rows = [each.rows for each in earlier[-volume.versions :]]
    return statistics.median(rows) if rows else None


def check_volume(volume: Volume, earlier: list[EarlierVersion], rows: int) -> BatchCheck:
    """Compare the number of rows with those of earlier versions."""
    median = median_rows(volume, earlier)
    if median is None:
        return BatchCheck(
            "rows: as many as in earlier versions", volume.severity, True, f"{rows:,}, no earlier version"
        )
    least, most = volume.at_least * median, volume.at_most * median
    title = f"rows: {least:,.0f} to {most:,.0f}, by the median of {min(volume.versions, len(earlier))} earlier versions"
    return BatchCheck(title, volume.severity, least <= rows <= most, f"{rows:,}")
