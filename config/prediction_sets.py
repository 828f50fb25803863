"""The coverage of prediction intervals and sets."""

from pydantic import Field

from config.documents import Document, Number


class PredictionSets(Document):
    """Intervals of a regression, and sets of classes, by split conformal prediction (`tabular.calibration.conformal`).

    They are fitted on the validation rows. Their coverage is measured on the test rows.
    """

    coverage: Number = Field(default=0.9, ge=0.5, le=0.999)
    """The share of rows whose true value is in the interval or the set; of every class, for classes."""
