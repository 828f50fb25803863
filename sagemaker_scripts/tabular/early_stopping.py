"""Early stopping: which iteration of a fitted estimator is the best, for the refit on more rows."""

import json
from pathlib import Path
from typing import Any

import numpy as np

FILE = "early_stopping.json"
"""The hyperparameters that early stopping chose, in model.tar.gz; absent without early stopping."""


def end_at_best(model: Any) -> dict[str, Any]:
    """Cut a fitted estimator at its best iteration. Returns the hyperparameters that fit as many, without stopping.

    XGBoost stops by `early_stopping_rounds`, on held-out rows. scikit-learn's networks stop by `early_stopping`, on a
    share of their own rows, and have the weights of their best iteration. Returns nothing for other estimators.
    """
    given = model.get_params(deep=False)
    if given.get("early_stopping_rounds"):
        best = int(model.best_iteration) + 1
        model._Booster = model.get_booster()[:best]
        model.set_params(n_estimators=best, early_stopping_rounds=None)
        return {"n_estimators": best, "early_stopping_rounds": None}
    if given.get("early_stopping") and hasattr(model, "validation_scores_"):  # the solver lbfgs never stops early
        return {"max_iter": int(np.argmax(model.validation_scores_)) + 1, "early_stopping": False}
    return {}


def write(folder: Path, chosen: dict[str, Any]) -> None:
    """Write what early stopping chose beside the model in `folder`, if it chose anything."""
    if chosen:
        (folder / FILE).write_text(json.dumps(chosen, sort_keys=True), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """Return what early stopping chose for the model in `folder`."""
    path = folder / FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
