"""Options of the server: limits of an AWS account, and ways in which AWS differs from what a request suggests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Behaviour:
    """The options."""

    page_before_filter: bool = False
    """Whether a List takes MaxResults resources first and filters them then, as AWS does."""
    quotas: Mapping[str, int] = field(default_factory=dict)
    """How many instances of a type may run at once, for each use: training, processing, transform jobs, endpoints."""
