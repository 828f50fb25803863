"""What a batch of ground truth brought."""

from datetime import datetime

from tasks.references.reference import Reference


class GroundTruthBatch(Reference):
    """The rows of one source of ground truth, as they were taken."""

    digest: str
    """Of the rows: the same rows are the same batch, whatever file they come in."""
    source: str
    received: datetime
    uri: str | None
    """The taken rows as Parquet; None when there were none."""
    rows: int
    """The rows that were taken: `new`, `duplicates` and `corrected` together."""
    new: int
    duplicates: int
    """Rows that were given before with the same value."""
    corrected: int
    """Rows that were given before with another value. The later one counts."""
    without_target: int
    """Rows whose true value is not known yet. They are left out."""
    quarantine_uri: str | None = None
    """Parquet: the rows that were not taken, each with its reasons; None when there were none."""
    quarantined: int = 0
    reasons: tuple[str, ...] = ()
    """The first reasons, each with its line or row."""
    landed_before: bool = False
    """Whether an earlier run has taken the batch. Then nothing has changed."""

    @property
    def headline(self) -> str:
        counts = f"{self.new:,} new, {self.duplicates:,} given before, {self.corrected:,} corrected"
        aside = f", {self.quarantined:,} in quarantine" if self.quarantined else ""
        unknown = f", {self.without_target:,} without a true value" if self.without_target else ""
        again = "; taken before: nothing has changed" if self.landed_before else ""
        return f"{self.rows:,} rows: {counts}{aside}{unknown}{again}"
