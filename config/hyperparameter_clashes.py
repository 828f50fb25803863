"""Hyperparameters that are right by themselves and not together: what scikit-learn would refuse inside the job."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from config.explanations import shown

Given = Mapping[str, Any]

CLASHES: dict[str, tuple[tuple[str, str, Callable[[Given], bool]], ...]] = {
    "random_forest": (
        (
            "bootstrap",
            "true where there is oob_score or max_samples",
            lambda given: (
                not given.get("bootstrap", True)
                and (bool(given.get("oob_score")) or given.get("max_samples") is not None)
            ),
        ),
    ),
    "ridge": (
        (
            "solver",
            "auto or lbfgs where positive is true",
            lambda given: bool(given.get("positive")) and given.get("solver", "auto") not in ("auto", "lbfgs"),
        ),
        (
            "positive",
            "true where solver is lbfgs",
            lambda given: given.get("solver") == "lbfgs" and not given.get("positive"),
        ),
    ),
}
"""By algorithm: the key, what it is expected to be, and whether it is not. See `fit` of each estimator."""


def clashes(algorithm: str, given: Given, key: str) -> Iterator[str]:
    """Say which of an algorithm's hyperparameters, which are below `key` in the file, do not go together."""
    for name, expected, is_wrong in CLASHES.get(algorithm, ()):
        if is_wrong(given):
            found = shown(given[name]) if name in given else "its default"
            yield f"{key}.{name}: expected {expected}; found {found}"
