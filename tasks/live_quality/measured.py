"""Measured quality of live traffic: by version, ISO week, the span that is asked for, and subgroup.

A figure is a pure function of scored rows and ground truth: nothing is counted twice, and running it again changes
nothing. The figures of a week are stored with the digests of what they were computed from. A week is computed again
when its rows or its truths have changed, as long as its scored rows have not expired.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from config.use_case import UseCase
from tasks import digests, locations, storage
from tasks.ground_truth import batches, keys
from tasks.ground_truth.batches import BatchList
from tasks.ground_truth.columns import GROUP
from tasks.ground_truth.database import TruthDatabase
from tasks.ground_truth.resolved import resolved_truths
from tasks.live_quality.joined import JoinedRows, columns_to_read, join
from tasks.live_quality.measured_figures import MeasuredFigure, Measurement, SmallGroups, measure
from tasks.live_quality.subgroups import group_columns
from tasks.live_quality.trained import TrainedVersion
from tasks.live_quality.weeks import name_of, weeks_of
from tasks.progress import log
from tasks.references.monitoring import LiveFigure, Span
from tasks.rows.scored_rows import schema
from tasks.traffic.hours import Hour, hours
from tasks.traffic.spans import scored_batches

FORMAT = 1
"""The version of the figures' definitions. Increase it with each change of them: stored weeks are computed again."""
TRUTH_SHARE = "ground_truth_share"
"""The share of the scored rows whose true value is known."""


class MeasuredPeriod(BaseModel):
    """The measured quality of a version in a week or another span."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    span: Span
    inputs: str
    """The digest of the names of the scored rows and of the ground truth, and of the settings."""
    content: str
    """The digest of the joined rows, the names of the scored rows, and the settings."""
    scored: tuple[str, ...] = ()
    """The addresses of the scored rows."""
    scored_rows: int = 0
    joined_rows: int = 0
    """The scored rows whose true value is known."""
    unanswered: int = 0
    """Those of the joined rows whose answer is incomplete."""
    small_groups: dict[str, SmallGroups] = Field(default_factory=dict)
    """The subgroups with too few rows, by column: they are counted, and have no figures."""
    figures: tuple[LiveFigure, ...] = ()


def measured(use_case: UseCase, span: Span, version: int | None = None) -> tuple[LiveFigure, ...]:
    """Return the measured figures of a span's rows and of its weeks, for each version or for one.

    A subgroup with too few rows has no figures; figures of too few rows have no interval.
    """
    return tuple(figure for period in measured_periods(use_case, span, version) for figure in period.figures)


def measured_weeks(use_case: UseCase, span: Span, version: int | None = None) -> tuple[LiveFigure, ...]:
    """Return the measured figures of the weeks that have a part of a span: the ground truth is read at most once."""
    found = _measured_periods(use_case, weeks_of(span), version)
    return tuple(figure for period in found for figure in period.figures)


def measured_periods(use_case: UseCase, span: Span, version: int | None = None) -> list[MeasuredPeriod]:
    """Return the measured quality of each version in a span and in its weeks, with the counts of rows."""
    weeks = weeks_of(span)
    return _measured_periods(use_case, weeks if span in weeks else (span, *weeks), version)


def _measured_periods(use_case: UseCase, spans: Sequence[Span], version: int | None) -> list[MeasuredPeriod]:
    whole = Span(since=min(each.since for each in spans), until=max(each.until for each in spans))
    found = hours(use_case, whole, version)
    return list(_Measuring(use_case, whole).periods(spans, found)) if found else []


class _Measuring:
    """The measurement of some spans. The ground truth is read once, and only if a span needs it."""

    def __init__(self, use_case: UseCase, whole: Span) -> None:
        self._use_case, self._whole = use_case, whole
        self._known: BatchList = batches.load(use_case.name)
        self._trained: dict[int, TrainedVersion] = {}

    def periods(self, spans: Sequence[Span], found: Sequence[Hour]) -> Iterator[MeasuredPeriod]:
        wanted = [
            (version, span, own)
            for version in sorted({hour.version for hour in found})
            for span in spans
            if (own := [hour for hour in found if hour.version == version and span.since <= hour.start < span.until])
        ]
        stored = [self._stored(version, span) for version, span, _ in wanted]
        needed = [not self._is_current(before, own) for before, (_, _, own) in zip(stored, wanted, strict=True)]
        if not any(needed):
            yield from (each for each in stored if each)
            return
        with resolved_truths(self._use_case, self._known, self._whole.since) as truths:
            for before, (version, span, own), is_needed in zip(stored, wanted, needed, strict=True):
                if before and not is_needed:
                    yield before
                else:
                    yield self._measured(truths, before, version, span, own)

    def _stored(self, version: int, span: Span) -> MeasuredPeriod | None:
        """Return the stored figures of a week; None where there are none, and for another span."""
        if span not in weeks_of(span):
            return None
        with suppress(FileNotFoundError):
            uri = locations.live_quality_week(self._use_case.name, version, name_of(span))
            return storage.parsed(uri, storage.get(uri), MeasuredPeriod)
        return None

    def _is_current(self, before: MeasuredPeriod | None, own: Sequence[Hour]) -> bool:
        """Whether stored figures are of these inputs, or of rows that have expired since."""
        if before is None:
            return False
        lost = not set(before.scored) <= set(_addresses(own))
        expired = lost and any(hour.counts.rows and not hour.scored for hour in own)
        return expired or before.inputs == self._inputs(own)

    def _inputs(self, own: Sequence[Hour]) -> str:
        truth = [[each.digest, each.object] for each in self._known.batches]
        predictions = keys.since_of(self._predictions, min(hour.start for hour in own)) if truth else []
        return digests.of_json([self._settings, _addresses(own), truth, predictions])

    @cached_property
    def _predictions(self) -> list[str]:
        return keys.names(self._use_case, self._whole.since) if self._use_case.key else []

    @cached_property
    def _settings(self) -> list[object]:
        case = self._use_case.model_dump(mode="json", include={"evaluation", "target", "key"})
        return [FORMAT, case, group_columns(self._use_case)]

    def _measured(
        self, truths: TruthDatabase, before: MeasuredPeriod | None, version: int, span: Span, own: Sequence[Hour]
    ) -> MeasuredPeriod:
        joined = self._joined(truths, own)
        inputs, content = self._inputs(own), digests.of_json([self._settings, _addresses(own), joined.digest])
        if before and before.content == content:
            found = before.model_copy(update={"inputs": inputs})
        else:
            found = self._period(joined, version, span, own, inputs, content)
        if span in weeks_of(span):
            uri = locations.live_quality_week(self._use_case.name, version, name_of(span))
            storage.put(uri, found.model_dump_json(indent=1).encode(), "application/json")
        return found

    def _joined(self, truths: TruthDatabase, own: Sequence[Hour]) -> JoinedRows:
        names = columns_to_read(self._use_case, group_columns(self._use_case))
        wanted = pa.schema([schema(self._use_case).field(name) for name in names])
        return join(truths, scored_batches(self._use_case, own, names), wanted)

    def _period(
        self, joined: JoinedRows, version: int, span: Span, own: Sequence[Hour], inputs: str, content: str
    ) -> MeasuredPeriod:
        if version not in self._trained:
            given = [name.removeprefix(GROUP) for name in joined.rows.column_names if name.startswith(GROUP)]
            groups = dict.fromkeys([*group_columns(self._use_case), *given])
            self._trained[version] = TrainedVersion.of(self._use_case, version, list(groups))
        trained = self._trained[version]
        found = measure(self._use_case, joined.rows, trained.calibration)
        log.info(
            "quality   version %s, %s: %s of %s rows have a true value", version, name_of(span),
            f"{joined.rows.num_rows:,}", f"{joined.scored:,}",
        )  # fmt: skip
        return MeasuredPeriod(
            version=version,
            span=span,
            inputs=inputs,
            content=content,
            scored=_addresses(own),
            scored_rows=joined.scored,
            joined_rows=joined.rows.num_rows,
            unanswered=found.unanswered,
            small_groups=found.small,
            figures=tuple(_figures(found, joined, trained, version, span)),
        )


def _addresses(own: Sequence[Hour]) -> tuple[str, ...]:
    return tuple(sorted(address for hour in own for address in hour.scored))


def _figures(
    found: Measurement, joined: JoinedRows, trained: TrainedVersion, version: int, span: Span
) -> Iterator[LiveFigure]:
    if joined.scored:
        share = joined.rows.num_rows / joined.scored
        yield LiveFigure(
            metric=TRUTH_SHARE, kind="measured", span=span, value=share, rows=joined.scored, version=version
        )
    for each in found.figures:
        yield LiveFigure(
            metric=each.metric,
            kind="measured",
            span=span,
            value=each.value,
            low=each.low,
            high=each.high,
            rows=each.rows,
            version=version,
            group=each.group,
            reference=_reference(trained, each),
        )


def _reference(trained: TrainedVersion, figure: MeasuredFigure) -> float | None:
    is_between = figure.group and "=" not in figure.group
    if is_between:
        return trained.between(figure.group, figure.metric)
    return trained.reference(figure.metric, figure.group)
