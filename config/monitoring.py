"""How an endpoint's live traffic is captured, profiled and compared with the training rows."""

from typing import Self

from pydantic import Field, model_validator

from config.documents import Document, Integer, Number


class Capture(Document):
    """SageMaker's data capture of an endpoint on instances. A serverless endpoint has none."""

    percent: Integer = Field(default=100, ge=1, le=100)
    """The part of the requests that is captured."""
    days: Integer = Field(default=30, ge=1, le=3650)
    """How long captured requests, and the scored rows made from them, are kept. Profiles are kept."""


class Monitoring(Document):
    """What is captured, thresholds of drift by the population stability index (PSI), and the metrics in CloudWatch."""

    psi_warning: Number = Field(gt=0)
    psi_drift: Number = Field(gt=0)
    minimum_rows: Integer = Field(ge=1)
    """The least number of scored rows for a verdict."""
    feature_metrics: bool = False
    """Whether CloudWatch also gets the PSI of each feature. Each is billed as a metric."""
    capture: Capture | None = Capture()
    """None turns data capture off."""
    segments: tuple[str, ...] = ()
    """Categorical features: live traffic is also profiled for each of their values."""
    span_hours: Integer = Field(default=24, ge=1, le=8_784)
    """The live traffic that is compared with the training rows: so many hours, up to now."""
    late_hours: Integer = Field(default=48, ge=0, le=8_784)
    """How long after its hour a capture file may arrive. A later one is not read."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.psi_warning > self.psi_drift:
            raise ValueError(
                f"expected psi_warning at or below psi_drift, found {self.psi_warning:g} and {self.psi_drift:g}"
            )
        return self
