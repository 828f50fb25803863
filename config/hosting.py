"""How a use case's endpoint is hosted: serverless, or on instances."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.documents import Document, Integer

MemoryInMb = Literal[1024, 2048, 3072, 4096, 5120, 6144]
"""The memory sizes of a serverless endpoint (AWS: `ProductionVariantServerlessConfig`)."""


class Serverless(Document):
    """A serverless endpoint: it costs nothing while nobody calls it, and starts at the first request."""

    kind: Literal["serverless"]
    memory_in_mb: MemoryInMb = 2048
    max_concurrency: Integer = Field(default=5, ge=1, le=200)
    """The number of requests at the same time. Further requests are throttled."""
    provisioned_concurrency: Integer | None = Field(default=None, ge=1, le=200)
    """The number of requests that are answered without a cold start. It is paid for by the hour."""

    @model_validator(mode="after")
    def _provisions_no_more_than_it_allows(self) -> Self:
        if (self.provisioned_concurrency or 0) > self.max_concurrency:
            raise ValueError(
                f"expected provisioned_concurrency of at most max_concurrency, {self.max_concurrency}; "
                f"found {self.provisioned_concurrency}"
            )
        return self


class Instances(Document):
    """An endpoint on instances, which always run. Their type and number are in the profile, key `endpoint`."""

    kind: Literal["instances"]


Hosting = Annotated[Serverless | Instances, Field(discriminator="kind")]
