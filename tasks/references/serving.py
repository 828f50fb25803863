"""What the stages of serving leave: deployments, predictions, drift."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tasks.references.data import DataSplit
from tasks.references.reference import Reference


class Deployment(Reference):
    """A live endpoint and the package that it serves."""

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


class Predictions(Reference):
    """Rows that an endpoint has scored."""

    endpoint_name: str
    trained_on: DataSplit
    """The split that the model which scored them was trained on."""
    uri: str
    """Parquet: the rows' number in their source, their key, their features and the prediction."""
    rows: int
    quarantine_uri: str | None = None
    """Parquet: the rows that were not scored, each with its reasons; None where there are none."""
    quarantined: int = 0
    reasons: tuple[str, ...] = ()
    """The first reasons, each with its line or row."""
    sample: tuple[dict[str, str], ...]
    """The endpoint's answers to the first rows, as text."""
    quality: float | None = None
    """The primary metric of the answers, where the truth of the rows is known."""

    @property
    def headline(self) -> str:
        refused = f", {self.quarantined:,} not" if self.quarantined else ""
        quality = f"; primary metric {self.quality:.4f}" if self.quality is not None else ""
        return f"{self.rows:,} rows scored{refused}{quality}"


class FeatureDrift(BaseModel):
    """How far one feature's distribution has moved from the training data's."""

    model_config = ConfigDict(frozen=True)

    feature: str
    psi: float
    noise: float
    """The PSI that chance alone may give to samples of this size."""
    verdict: Literal["stable", "warning", "drift"]

    @property
    def shown(self) -> str:
        """The PSI for a person: one that looks like drift and is chance is shown with what chance may give."""
        chance = f" (chance alone gives up to {self.noise:.3f})" if self.psi <= self.noise else ""
        return f"PSI {self.psi:.3f}{chance}"


class DriftReport(Reference):
    """The drift of every profiled feature between training data and scored rows."""

    uri: str
    reference_profile_uri: str
    scored_profile_uri: str
    rows: int
    verdict: Literal["stable", "warning", "drift", "too few rows"]
    features: tuple[FeatureDrift, ...]

    @property
    def headline(self) -> str:
        most = f"; most moved: {self.features[0].feature}, {self.features[0].shown}" if self.features else ""
        return f"{self.verdict} over {len(self.features)} features{most}"
