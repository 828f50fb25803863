"""What is known of an endpoint's live traffic: its span, figures of quality, and the report of a run of `monitor`."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.references.reference import Reference
from tasks.references.serving import FeatureDrift


class Span(BaseModel):
    """A span of time in UTC, from a whole hour up to, but without, another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: datetime
    until: datetime


class LiveFigure(BaseModel):
    """One metric of the live traffic of a span, measured with ground truth or estimated without."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    kind: Literal["measured", "estimated"]
    span: Span
    value: float
    low: float | None = None
    """`low` and `high` are its interval; None where there are too few rows for one."""
    high: float | None = None
    rows: int
    """The rows that it is computed from."""
    version: int
    """The version of the model that answered."""
    group: str = ""
    """The subgroup, such as `school=GP`; empty for all rows."""
    reference: float | None = None
    """The same metric of the held-out rows when the model was trained."""

    @property
    def key(self) -> tuple[str, datetime, int, str]:
        """What an estimate and its later measurement have in common."""
        return self.metric, self.span.since, self.version, self.group


class TrafficCounts(BaseModel):
    """What the capture files of a span had."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: int = 0
    requests: int = 0
    rows: int = 0
    """The rows that were scored: those in the profiles."""
    refused_rows: int = 0
    """Rows and requests that the model refused (4xx)."""
    failed: int = 0
    """Requests that the model did not answer (5xx)."""
    corrupt: int = 0
    """Lines that could not be read."""
    duplicates: int = 0
    """Captured requests that another line has as well: counted once."""
    late_files: int = 0
    """Files that arrived after a run had already read their hour."""

    def __add__(self, other: "TrafficCounts") -> "TrafficCounts":
        return TrafficCounts(**{name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields})


class Loss(BaseModel):
    """By how much the primary metric is worse than that of the held-out rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    kind: Literal["measured", "estimated"]
    loss: float
    """Positive where the live traffic is worse, in the metric's own unit."""
    low: float | None = None
    """The lower end of the loss's interval: a loss counts when this is above 0 too."""
    group: str = ""

    def __str__(self) -> str:
        change = f"{abs(self.loss):.4f} {'worse' if self.loss >= 0 else 'better'}"
        where = f" in {self.group}" if self.group else ""
        return f"{self.kind} {self.metric} is {change} than on the held-out rows{where}"


class MonitoringReport(Reference):
    """The output of the flow `monitor`: the live traffic of a span, compared with the model's training."""

    uri: str
    """The report in S3 as JSON."""
    made: datetime
    span: Span
    version: int | None
    """The champion, if it answered any row of the span, else the version of most rows; None without traffic."""
    counts: TrafficCounts
    verdict: Literal["no traffic", "too few rows", "not judged", "stable", "warning", "drift"]
    features: tuple[FeatureDrift, ...] = ()
    """Worst first. The predictions are among them, as `prediction` and `probability_<class>`."""
    segments: dict[str, tuple[FeatureDrift, ...]] = Field(default_factory=dict)
    """By segment, such as `school=GP`."""
    quality: tuple[LiveFigure, ...] = ()
    loss: Loss | None = None
    """The largest loss of the primary metric that is known: measured where there is ground truth, else estimated."""
    page: str | None = None
    page_uri: str | None = None

    @property
    def drifted(self) -> tuple[FeatureDrift, ...]:
        """The features that have drifted."""
        return tuple(each for each in self.features if each.verdict == "drift")

    @property
    def headline(self) -> str:
        loss = f"; {self.loss}" if self.loss else ""
        drifted = len(self.drifted)
        have = "feature has" if drifted == 1 else "features have"
        return f"{self.verdict}: {self.counts.rows:,} rows, {drifted} {have} drifted{loss}"
