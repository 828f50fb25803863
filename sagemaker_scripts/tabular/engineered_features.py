"""An engineered feature as a use case declares it, and as the contract of a model has it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

EngineeredKind = Literal["bins", "interaction", "count", "target_encoding"]


@dataclass(frozen=True, kw_only=True)
class Engineered:
    """A feature that is fitted to the training rows, from columns of the pipeline's input."""

    name: str
    kind: EngineeredKind
    of: tuple[str, ...]
    """The columns that it is computed from: a number for `bins`, categories for the others."""
    count: int | None = None
    by: Literal["quantile", "width"] | None = None
    edges: tuple[float, ...] | None = None
    """Of `bins`: their number and how it divides the training rows, or the limits between them."""
    smoothing: float | Literal["auto"] | None = None
    """Of `target_encoding`: the number of rows that the mean of all rows counts as."""

    def described(self) -> dict[str, Any]:
        """Return the feature as JSON, without the keys that are not set."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def parsed(cls, content: Mapping[str, Any]) -> "Engineered":
        """Read the feature from JSON."""
        tuples = {name: tuple(content[name]) for name in ("of", "edges") if name in content}
        return cls(**{**content, **tuples})
