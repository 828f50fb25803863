"""When a batch of rows is good enough to train on, and when scored rows count as drifted."""

from typing import Self

from pydantic import Field, model_validator

from config.documents import Document, Integer, Number


class Quality(Document):
    """The gate that a batch of rows passes, or the flow stops."""

    minimum_rows: Integer = Field(ge=1)
    maximum_quarantined_share: Number = Field(ge=0, le=1)


class Monitoring(Document):
    """When a feature counts as drifted, by the population stability index (PSI)."""

    psi_warning: Number = Field(gt=0)
    psi_drift: Number = Field(gt=0)
    minimum_rows: Integer = Field(ge=1)
    """Below this many scored rows there is no verdict."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.psi_warning > self.psi_drift:
            raise ValueError(
                f"expected psi_warning at or below psi_drift, found {self.psi_warning:g} and {self.psi_drift:g}"
            )
        return self
