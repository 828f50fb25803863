"""Invalid combinations of valid hyperparameters, which scikit-learn would refuse inside the job."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from config.explanations import shown

Given = Mapping[str, Any]

CLASHES: dict[str, tuple[tuple[str, str, Callable[[Given], bool]], ...]] = {
    "random_forest": (
        (
            "bootstrap",
            "true when oob_score or max_samples is set",
            lambda given: (
                not given.get("bootstrap", True)
                and (bool(given.get("oob_score")) or given.get("max_samples") is not None)
            ),
        ),
    ),
    "xgboost": (
        (
            "booster",
            "gbtree or dart when early_stopping_rounds is set",
            lambda given: given.get("booster") == "gblinear" and given.get("early_stopping_rounds") is not None,
        ),
    ),
    "ridge": (
        (
            "solver",
            "auto or lbfgs when positive is true",
            lambda given: bool(given.get("positive")) and given.get("solver", "auto") not in ("auto", "lbfgs"),
        ),
        (
            "positive",
            "true when solver is lbfgs",
            lambda given: given.get("solver") == "lbfgs" and not given.get("positive"),
        ),
    ),
}
"""By algorithm: the key, its expected value, and a function that is true for a clash. See `fit` of each estimator."""


def clashes(algorithm: str, given: Given, key: str) -> Iterator[str]:
    """Yield a message for each invalid combination. `key` is where the hyperparameters are in the file."""
    for name, expected, is_wrong in CLASHES.get(algorithm, ()):
        if is_wrong(given):
            found = shown(given[name]) if name in given else "its default"
            yield f"{key}.{name}: expected {expected}; found {found}"
