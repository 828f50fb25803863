"""The outputs of the serving stages: deployments, predictions, drift."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tasks.references.data import DataSplit
from tasks.references.reference import Reference


class Deployment(Reference):
    """The output of `deploy`: an endpoint in service and the package that it serves."""

    endpoint_name: str
    endpoint_arn: str
    model_package_arn: str
    trained_on: DataSplit
    """The split that the served model was trained on."""
    changed: bool

    @property
    def headline(self) -> str:
        version = self.model_package_arn.rsplit("/", 1)[-1]
        since = "since this run" if self.changed else "as before"
        return f"endpoint {self.endpoint_name} serves version {version} {since}"


class ScoredRows(Reference):
    """Rows that a model has scored, and those that it has not."""

    uri: str
    """Parquet, a file or a folder: row number in the source, key, features, prediction; of `score` also the target."""
    rows: int
    """The number of scored rows."""
    quarantine_uri: str | None = None
    """Parquet, as `uri`: the rows that were not scored, each with its reasons; None when every row was scored."""
    quarantined: int = 0
    reasons: tuple[str, ...] = ()
    """The first reasons, each with its line or row."""


class Predictions(ScoredRows):
    """The output of `predict`: rows that an endpoint has scored."""

    endpoint_name: str
    trained_on: DataSplit
    """The split that the served model was trained on."""
    sample: tuple[dict[str, str], ...]
    """The endpoint's answers to the first rows, as text."""
    quality: float | None = None
    """The primary metric of the predictions, when the true values are known."""

    @property
    def headline(self) -> str:
        refused = f", {self.quarantined:,} not" if self.quarantined else ""
        quality = f"; primary metric {self.quality:.4f}" if self.quality is not None else ""
        return f"{self.rows:,} rows scored{refused}{quality}"


class BatchScores(ScoredRows):
    """The output of `score`: rows that a model has scored by batch transform."""

    model_package_arn: str
    version: int
    source: str
    by_column: dict[str, int] = Field(default_factory=dict)
    """The number of quarantined rows by the column of a reason. A row may have several."""
    shards: int
    primary: str
    """The metric that compares models."""
    metrics: dict[str, float] = Field(default_factory=dict)
    """Of the rows whose true value is known; empty without any."""
    known_targets: int = 0
    """The number of scored rows whose true value is known."""
    scored_at: datetime
    forgotten: int = 0
    """The scored rows that `vishwaops forget` has removed since."""

    @property
    def quality(self) -> float | None:
        """The primary metric, when true values are known and it is defined."""
        return self.metrics.get(self.primary)

    @property
    def headline(self) -> str:
        aside = f", {self.quarantined:,} in quarantine" if self.quarantined else ""
        figure = f"; {self.primary} {self.quality:.4f}" if self.quality is not None else ""
        return f"version {self.version} scored {self.rows:,} rows of {self.source}{aside}{figure}"


FeatureVerdict = Literal["not judged", "stable", "warning", "drift"]


class FeatureDrift(BaseModel):
    """The drift of one feature from the training rows. Records of older versions have fewer fields."""

    model_config = ConfigDict(frozen=True)

    feature: str
    verdict: FeatureVerdict
    psi: float
    """The effect: the PSI of the change below, above what chance gives on average."""
    significant: bool = False
    """Whether the change is more than chance gives in one run of two hundred."""
    p_value: float | None = None
    """Of the change below, corrected for the number of tests of all features."""
    change: str | None = None
    """The significant change with the largest PSI, or the distribution: its kind."""
    statistic: float | None = None
    """Pearson's chi-square. None where the test is exact."""
    degrees: int | None = None
    hellinger: float | None = None
    """The Hellinger distance of the distributions, for information."""
    kolmogorov_smirnov: float | None = None
    """For information."""
    moved: tuple[str, ...] = ()
    """Each significant change, as text."""
    not_judged: tuple[str, ...] = ()
    """What can't be judged, with the reason."""

    @property
    def shown(self) -> str:
        """The PSI as text, with a note where it may be chance."""
        chance = " (may be chance)" if self.p_value is not None and not self.significant else ""
        return f"PSI {self.psi:.3f}{chance}"

    @property
    def tested(self) -> str:
        """The change that was tested, with its statistic."""
        if self.change is None or self.statistic is None:
            return self.change or ""
        return f"{self.change}, chi-square {self.statistic:.1f} of {self.degrees} degrees"


class DriftReport(Reference):
    """The output of `monitor`: the drift of every profiled feature between training and scored rows."""

    uri: str
    reference_profile_uri: str
    scored_profile_uri: str
    rows: int
    verdict: Literal["not judged", "stable", "warning", "drift", "too few rows"]
    features: tuple[FeatureDrift, ...]

    @property
    def headline(self) -> str:
        most = f"; largest drift: {self.features[0].feature}, {self.features[0].shown}" if self.features else ""
        return f"{self.verdict} over {len(self.features)} features{most}"
