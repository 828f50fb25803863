"""What training is expected to cost, before it starts."""

import math

from pydantic import BaseModel, ConfigDict

REFIT = "the refit"
"""The name of the job that refits the winner, beside those of the candidates, which have no blanks."""


class PlannedTraining(BaseModel):
    """What the training of one candidate, or the refit, is expected to take and cost, computed before it starts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    jobs: int
    """The number of training jobs; more than one in a search."""
    parallel: int
    """How many of them run at the same time."""
    instance_type: str
    instances: int
    dollars_per_hour: float | None
    """The price of one instance; None if config/prices/ has none."""
    seconds_each: float | None
    """The billed seconds of one job of the use case's latest training; None for a new candidate."""
    most_seconds_each: int
    """The longest runtime of one job."""
    limit_seconds: int | None = None
    """When the budget stops the search."""

    def dollars(self, seconds: float) -> float | None:
        """The price of this many seconds of one job."""
        return None if self.dollars_per_hour is None else self.dollars_per_hour * self.instances * seconds / 3600

    @property
    def expected_dollars(self) -> float | None:
        """The price of all jobs, if each takes as long as one of the latest training."""
        return None if self.seconds_each is None else self.dollars(self.jobs * self.seconds_each)

    @property
    def expected_seconds(self) -> float | None:
        """The time of all jobs on their instances, without the time to start these."""
        return None if self.seconds_each is None else math.ceil(self.jobs / self.parallel) * self.seconds_each

    @property
    def most_dollars(self) -> float | None:
        """The price of all jobs, if each runs until it is stopped."""
        every = self.jobs * self.most_seconds_each
        return self.dollars(every if self.limit_seconds is None else min(every, self.parallel * self.limit_seconds))
