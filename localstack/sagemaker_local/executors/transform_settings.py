"""The settings of a transform job: concurrency, payload limit and batch strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_MB = 1 << 20
_DEFAULTS = {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 6, "BatchStrategy": "MultiRecord"}


@dataclass(frozen=True)
class Settings:
    """How objects are split and sent, by the request, the container and AWS's defaults."""

    concurrent: int
    payload: int
    single: bool

    @classmethod
    def of(cls, body: dict[str, Any], of_container: dict[str, Any]) -> Settings:
        """The request's values, else the container's, else AWS's defaults."""
        requested = {name: body[name] for name in _DEFAULTS if name in body}
        if not requested.get("MaxConcurrentTransforms"):
            requested.pop("MaxConcurrentTransforms", None)
        every = {**_DEFAULTS, **of_container, **requested}
        concurrent = max(1, every["MaxConcurrentTransforms"])
        return cls(concurrent, every["MaxPayloadInMB"] * _MB, every["BatchStrategy"] == "SingleRecord")

    def __str__(self) -> str:
        strategy = "SINGLE_RECORD" if self.single else "MULTI_RECORD"
        return (
            f"MaxConcurrentTransforms={self.concurrent}, MaxPayloadInMB={self.payload // _MB}, BatchStrategy={strategy}"
        )
