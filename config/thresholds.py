"""The quality gate of a batch of rows, and the drift thresholds of scored rows."""

from typing import Self

from pydantic import Field, model_validator

from config.documents import Document, Integer, Number


class Quality(Document):
    """The quality gate. The flow stops when a batch of rows does not pass it."""

    minimum_rows: Integer = Field(ge=1)
    maximum_quarantined_share: Number = Field(ge=0, le=1)


class Monitoring(Document):
    """Thresholds of drift by the population stability index (PSI) of a feature, and the metrics in CloudWatch."""

    psi_warning: Number = Field(gt=0)
    psi_drift: Number = Field(gt=0)
    minimum_rows: Integer = Field(ge=1)
    """The least number of scored rows for a verdict."""
    feature_metrics: bool = False
    """Whether CloudWatch also gets the PSI of each feature. Each is billed as a metric."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.psi_warning > self.psi_drift:
            raise ValueError(
                f"expected psi_warning at or below psi_drift, found {self.psi_warning:g} and {self.psi_drift:g}"
            )
        return self
