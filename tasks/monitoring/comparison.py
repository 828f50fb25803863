"""The hours of a span compared with what the version that answered them was trained on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from config.errors import MissingInput
from config.monitoring import Monitoring
from config.use_case import UseCase
from tasks import champion
from tasks.profiles.drift import compare
from tasks.profiles.stored_profiles import Profile
from tasks.profiles.verdicts import VERDICTS, feature_drifts, judge, worst_verdict
from tasks.progress import log
from tasks.references import FeatureDrift, Span, TrafficCounts
from tasks.traffic.hours import Hour, hour_of
from tasks.traffic.reference import reference_profile
from tasks.traffic.spans import merged_profile

Verdict = Literal["no traffic", "too few rows", "not judged", "stable", "warning", "drift"]
IN_SEGMENT = "\n"
"""Between a segment and a feature in a name that no feature has."""


@dataclass(frozen=True)
class Compared:
    """A span of hours, compared with the reference profile of a version."""

    version: int | None
    verdict: Verdict
    counts: TrafficCounts
    features: tuple[FeatureDrift, ...] = ()
    """Worst first; also where there are too few rows for a verdict."""
    segments: Mapping[str, tuple[FeatureDrift, ...]] = field(default_factory=dict)
    reference: Profile | None = None
    live: Profile | None = None


def span_until(now: datetime, length: timedelta) -> Span:
    """Return the span of this length that ends with the hour of `now`."""
    until = hour_of(now) + timedelta(hours=1)
    return Span(since=until - length, until=until)


def compare_hours(use_case: UseCase, hours: Sequence[Hour], *, segments: bool = False) -> Compared:
    """Compare the rows of some hours, and also each segment if `segments`, with the reference profile of a version: the
    champion, if it has answered any of them, else the version of most rows. The counts are those of all versions.

    The result depends on the rows alone, so a second run on the same hours has the same verdicts.
    """
    counts = sum((hour.counts for hour in hours), TrafficCounts())
    version = answering_version(use_case, hours)
    if version is None:
        return Compared(None, "no traffic", counts)
    own = [hour for hour in hours if hour.version == version]
    live = merged_profile(use_case, own)
    try:
        reference = reference_profile(use_case, version)
    except MissingInput as error:
        log.warning("monitor   version %d is not judged: %s", version, error)
        return Compared(version, "not judged", counts, live=live)
    drifts = feature_drifts(use_case.monitoring, _shared(reference, live), live)
    verdict = _verdict(use_case.monitoring, reference, live, drifts)
    by_segment = _segments(use_case, own, version) if segments else {}
    return Compared(version, verdict, counts, tuple(drifts), by_segment, reference, live)


def answering_version(use_case: UseCase, hours: Sequence[Hour]) -> int | None:
    """Return the version whose rows are compared; None without a scored row."""
    rows = Counter[int]()
    for hour in hours:
        rows[hour.version] += hour.counts.rows if hour.profile else 0
    answered = {version for version, count in rows.items() if count}
    now = champion.find(use_case)
    if now and now.version in answered:
        return now.version
    return max(answered, key=lambda version: (rows[version], version), default=None)


def _shared(reference: Profile, live: Profile) -> Profile:
    """The reference with only those columns that the live rows have too: a use case may have changed since."""
    columns = {
        name: column
        for name, column in reference.columns.items()
        if name in live.columns and type(live.columns[name]) is type(column)
    }
    return reference.model_copy(update={"columns": columns})


def _verdict(limits: Monitoring, reference: Profile, live: Profile, drifts: Sequence[FeatureDrift]) -> Verdict:
    enough = min(reference.rows, live.rows) >= limits.minimum_rows
    return worst_verdict(drifts) if enough else "too few rows"


def _segments(use_case: UseCase, hours: Sequence[Hour], version: int) -> dict[str, tuple[FeatureDrift, ...]]:
    """The drift of each segment with enough rows, against the training rows of that segment.

    The p-values are corrected for the features of all segments together.
    """
    found = {}
    for segment in sorted({name for hour in hours for name in hour.segments}):
        live = merged_profile(use_case, hours, segment)
        if live.rows < use_case.monitoring.minimum_rows:
            continue
        try:
            reference = reference_profile(use_case, version, segment)
        except MissingInput as error:
            log.warning("monitor   %s of version %d is not judged: %s", segment, version, error)
            continue
        if reference.rows >= use_case.monitoring.minimum_rows:
            shared = _shared(reference, live).columns.items()
            found.update({f"{segment}{IN_SEGMENT}{name}": compare(one, live.columns[name]) for name, one in shared})
    return _by_segment(judge(use_case.monitoring, found))


def _by_segment(drifts: Sequence[FeatureDrift]) -> dict[str, tuple[FeatureDrift, ...]]:
    ordered = sorted(drifts, key=lambda drift: (VERDICTS.index(drift.verdict), drift.psi), reverse=True)
    segments: dict[str, list[FeatureDrift]] = {}
    for drift in ordered:
        segment, _, feature = drift.feature.partition(IN_SEGMENT)
        segments.setdefault(segment, []).append(drift.model_copy(update={"feature": feature}))
    return {name: tuple(each) for name, each in segments.items()}
