"""How a new version of a model is released: who approves it, and how the endpoint's traffic moves to it."""

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.documents import Document, Integer

Minutes = Annotated[Integer, Field(ge=1, le=60)]
"""SageMaker waits for an hour at most between two steps (API reference, `TrafficRoutingConfig`)."""
MOST_MINUTES = 420
"""All waits of a linear release together: SageMaker ends a deployment after eight hours."""


class AllAtOnce(Document):
    """All traffic moves to the new version in one step."""

    kind: Literal["all_at_once"]


class Canary(Document):
    """A part of the traffic moves to the new version, and after some minutes the rest."""

    kind: Literal["canary"]
    percent: Integer = Field(ge=1, le=50)
    """The part of the new instances that get requests first."""
    minutes: Minutes
    """The wait after each of the two steps, in which an alarm rolls the release back."""


class Linear(Document):
    """The traffic moves to the new version in equal steps."""

    kind: Literal["linear"]
    percent: Integer = Field(ge=10, le=50)
    """The part of the new instances that get requests with each step."""
    minutes: Minutes
    """The wait after each step, in which an alarm rolls the release back."""

    @model_validator(mode="after")
    def _ends_in_time(self) -> Self:
        if (total := math.ceil(100 / self.percent) * self.minutes) > MOST_MINUTES:
            raise ValueError(
                f"expected steps of at most {MOST_MINUTES} minutes together, because SageMaker ends a deployment after "
                f"eight hours; found {total}. Raise percent or lower minutes"
            )
        return self


Steps = Annotated[AllAtOnce | Canary | Linear, Field(discriminator="kind")]
AT_ONCE = AllAtOnce(kind="all_at_once")


class Shadow(Document):
    """Before the new version answers anybody, it gets copies of the requests, and its answers are discarded."""

    minutes: Minutes
    percent: Integer = Field(default=100, ge=1, le=100)
    """The part of the requests that is copied."""


class ReleaseRules(Document):
    """How a version is approved and released."""

    approval: Literal["automatic", "manual"] = "automatic"
    """With `manual`, a version that passes the gates waits for a person's decision."""
    steps: Steps = AT_ONCE
    shadow: Shadow | None = None
    idle_minutes: Integer | None = Field(default=None, ge=5, le=43_200)
    """The flow `idle-endpoints` stops an endpoint that nobody has called for so long."""

    @property
    def needs_instances(self) -> tuple[str, ...]:
        """The keys that a serverless endpoint can't have.

        SageMaker has no shadow variants for them (Developer Guide, "Shadow tests: Exclusions"), and its deployment
        guardrails are only for real-time and asynchronous endpoints ("Deployment guardrails").
        """
        stepwise = ("release.steps",) if self.steps.kind != "all_at_once" else ()
        return (*stepwise, *(("release.shadow",) if self.shadow else ()))
