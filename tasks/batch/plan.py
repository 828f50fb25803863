"""The shards of a source: what is scored, and which rows were set aside before."""

from pydantic import Field

from config.errors import InvalidRows
from tasks import digests, locations
from tasks.batch.shards import Shard
from tasks.references import BatchScores, Reference

QUARANTINE = "quarantine"


class Plan(Reference):
    """The rows of a source as shards."""

    source: str
    """The source, without secrets."""
    shards: tuple[Shard, ...]
    """In the order of their rows."""
    columns: tuple[str, ...]
    """The columns of the use case that the source has."""
    has_target: bool
    rows: int
    """The number of rows in the shards."""
    quarantined: int = 0
    quarantine_digest: str = ""
    quarantine_uri: str | None = None
    """The folder of the rows that were not read or typed; None without any."""
    reasons: tuple[str, ...] = ()
    """The first reasons, each with its line or row."""
    by_column: dict[str, int] = Field(default_factory=dict)
    """The number of quarantined rows by the column of a reason."""

    @property
    def digest(self) -> str:
        """What a model's answers depend on."""
        return digests.of_json([shard.model_dump() for shard in self.shards])

    @property
    def content(self) -> str:
        """What the results depend on."""
        return digests.of_json([self.digest, self.has_target, self.columns, self.quarantine_digest])

    @property
    def headline(self) -> str:
        aside = f", {self.quarantined:,} in quarantine" if self.quarantined else ""
        return f"{self.rows:,} rows of {self.source} in {len(self.shards):,} shards{aside}"


def no_rows(expected: str, found: Plan | BatchScores) -> InvalidRows:
    """Return the error of a source all of whose rows are in quarantine."""
    reasons = (*found.reasons, f"all of them: {found.quarantine_uri}")
    message = f"{found.source}: expected {expected}, found none among {found.quarantined:,}"
    return InvalidRows("\n  ".join([message, *reasons]))


def folder(use_case: str, digest: str) -> str:
    """The folder of the plan of a source."""
    return f"{locations.scores(use_case)}/plans/{digest}"


def shards(use_case: str) -> str:
    """The folder of the shards."""
    return f"{locations.scores(use_case)}/shards"
