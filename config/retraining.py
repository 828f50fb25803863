"""When live traffic starts a retraining."""

from pydantic import Field

from config.documents import Document, Integer, Number


class Retraining(Document):
    """A loss of quality, measured or estimated, starts a retraining; drift alone does only if `on_drift`."""

    loss: Number = Field(default=0.05, gt=0)
    """The loss of the primary metric from which the model is trained again, in the metric's own unit."""
    on_drift: bool = False
    """Whether drift starts a retraining where no loss of quality is known."""
    debounce_minutes: Integer = Field(default=10, ge=0, le=1440)
    """Events that follow each other within so many minutes start one run."""
    cool_down_hours: Number = Field(default=24.0, ge=0)
    """The time between two retrainings."""
    at_most_per_day: Integer = Field(default=1, ge=1, le=24)
    """The most retrainings within 24 hours."""
