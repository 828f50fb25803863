"""What an XGBoost job does while it trains: it reports its objective for early stopping, and writes checkpoints."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost

from tabular.checkpoints import Checkpoints
from tabular.contract import Contract
from tabular.metrics import score


@dataclass(frozen=True)
class Boosting:
    """The options of one job. By default it does neither."""

    report_every: int = 0
    """The number of rounds between two values of the objective. 0: only the final one."""
    checkpoints: Checkpoints | None = None


PLAIN = Boosting()


class Report(xgboost.callback.TrainingCallback):
    """Prints the primary metric on held-out rows every `every` rounds; not after the last, whose metric follows.

    SageMaker compares the values of a search's training jobs by their numbers, so they are of the same rounds.
    """

    def __init__(self, contract: Contract, every: int, rounds: int, encoded: np.ndarray, truth: np.ndarray) -> None:
        self._contract, self._every, self._total, self._truth = contract, every, rounds, truth
        self._rows = xgboost.DMatrix(encoded)

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Print the metric after a round whose number `every` divides."""
        if (rounds := model.num_boosted_rounds()) % self._every == 0 and rounds < self._total:
            output = model.predict(self._rows)
            if self._contract.task == "binary":
                output = np.column_stack([1 - output, output])
            value = score(self._contract.task, self._truth, output)[self._contract.primary]
            if math.isfinite(value):
                print(f"validation:{self._contract.primary}={value:.6f};", flush=True)
        return False


def fit(model: Any, train: Callable[..., Any], boosting: Boosting, report: Any = None) -> None:
    """Fit an XGBoost estimator by `train`, such as its method `fit` with its rows, which takes a model to continue.

    `report` is a Report, which is no part of the model. With `early_stopping_rounds` there are no checkpoints, because
    they do not contain the state of early stopping.
    """
    if report is not None:
        model.set_params(callbacks=[report])
    if boosting.checkpoints and not model.early_stopping_rounds:
        boosting.checkpoints.fit(model, train)
    else:
        train()
    model.set_params(callbacks=None)


def fit_matrix(
    model: Any, matrix: xgboost.DMatrix, classes: int, held_out: xgboost.DMatrix | None = None, xgb_model: Any = None
) -> None:
    """Fit an XGBoost estimator as its method `fit` does, to a matrix instead of arrays.

    `classes` is the number of classes; 0 for a regression. The estimator's own method would count those of this
    instance's rows only. Early stopping watches `held_out`.
    """
    params: dict[str, Any] = model.get_xgb_params()
    history: dict[str, Any] = {}
    if classes > 2:
        params |= {"objective": "multi:softprob", "num_class": classes}
    model._Booster = xgboost.train(
        params,
        matrix,
        model.get_num_boosting_rounds(),
        evals=[] if held_out is None else [(held_out, "validation_0")],
        early_stopping_rounds=model.early_stopping_rounds,
        evals_result=history,
        verbose_eval=False,
        xgb_model=xgb_model,
        callbacks=model.callbacks,
    )
    model.objective = params["objective"]
    if classes:
        model.n_classes_ = classes
    if history:
        model.evals_result_ = history
