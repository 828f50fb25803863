"""The metrics of scored rows whose true values are known, batch by batch: those of `tabular.metrics.score`."""

import math
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Protocol, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.use_case import UseCase
from tabular.weighted_metrics.classification import brier_scores, log_losses
from tasks.batch.answers import Answers
from tasks.batch.roc import Roc


class Metrics(Protocol):
    """The figures of a task."""

    def add(self, truth: np.ndarray, output: np.ndarray, decided: np.ndarray) -> None:
        """Add n rows: (n,) class numbers or floats, (n, classes) probabilities or (n,) floats, (n,) predictions."""

    def found(self) -> dict[str, float]:
        """Return the metrics by name; NaN for one that is undefined."""


class Quality:
    """The metrics of the scored rows of a use case. Closing deletes what is kept."""

    def __init__(self, use_case: UseCase) -> None:
        self._use_case, self._classes = use_case, list(use_case.target.classes or ())
        self._files = ExitStack()
        self._metrics: Metrics = self._of_task()
        self.rows = 0
        """The number of rows with a true value."""

    def _of_task(self) -> Metrics:
        if not self._classes:
            return Regression()
        roc = self._files.enter_context(Roc(len(self._classes)))
        return Classification(roc, len(self._classes), binary=self._use_case.target.task == "binary")

    def add(self, rows: pa.RecordBatch, answers: Answers) -> None:
        """Add n scored rows with their answers. A row without a true value is left out."""
        truth = self._truth(rows)
        known = truth.is_valid()
        self.rows += pc.sum(known).as_py() or 0
        given = [answers.probabilities[name] for name in self._classes] or [answers.prediction]
        output = np.column_stack([each.filter(known).to_numpy(zero_copy_only=False) for each in given])
        self._metrics.add(
            truth.filter(known).to_numpy(zero_copy_only=False),
            output if self._classes else output[:, 0],
            self._numbers(answers.prediction).filter(known).to_numpy(zero_copy_only=False),
        )

    def _numbers(self, prediction: pa.Array) -> pa.Array:
        """Return predicted classes as their numbers."""
        return pc.index_in(prediction, pa.array(self._classes)) if self._classes else prediction

    def _truth(self, rows: pa.RecordBatch) -> pa.Array:
        if rule := self._use_case.rule:
            values = rule.evaluate({name: rows.column(name) for name in rule.names}, len(rows))
            return pa.array(np.asarray(values.data, dtype="int64"), mask=np.asarray(values.null, dtype=bool))
        column = rows.column(self._use_case.target.column)
        if not self._classes:
            return column.cast(pa.float64())
        return pc.index_in(column.cast(pa.string()), pa.array(self._classes)).cast(pa.int64())

    def found(self) -> dict[str, float]:
        """Return the defined metrics by name; none without true values."""
        metrics: Mapping[str, float] = self._metrics.found() if self.rows else {}
        return {name: value for name, value in metrics.items() if math.isfinite(value)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._files.close()


class Classification:
    """Metrics of a confusion matrix, of each row's probabilities, and of the ranks of the kept probabilities."""

    def __init__(self, roc: Roc, classes: int, *, binary: bool) -> None:
        self._roc, self._binary = roc, binary
        self._matrix = np.zeros((classes, classes), dtype="int64")
        self._log_loss, self._brier = 0.0, 0.0

    def add(self, truth: np.ndarray, output: np.ndarray, decided: np.ndarray) -> None:
        """Add n rows."""
        np.add.at(self._matrix, (truth, decided), 1)
        self._roc.add(truth, output)
        self._log_loss += float(log_losses(truth, output).sum())
        self._brier += float(brier_scores(truth, output).sum())

    def found(self) -> dict[str, float]:
        """Return the metrics: of the positive class for a binary task, else macro averages."""
        hits, predicted, actual = np.diag(self._matrix), self._matrix.sum(axis=0), self._matrix.sum(axis=1)
        wanted = [1] if self._binary else np.flatnonzero(predicted + actual)
        precision, recall = _shares(hits, predicted), _shares(hits, actual)
        f1 = _shares(2 * hits, predicted + actual)
        rows = self._matrix.sum()
        roc_auc, pr_auc = self._roc.areas()
        return {
            "accuracy": float(hits.sum() / rows),
            "precision": float(precision[wanted].mean()),
            "recall": float(recall[wanted].mean()),
            "f1": float(f1[wanted].mean()),
            "roc_auc": roc_auc,
            "pr_auc": pr_auc,
            "log_loss": self._log_loss / rows,
            "brier": self._brier / rows,
        }


def _shares(parts: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(parts, whole, out=np.zeros(len(parts)), where=whole > 0))


class Regression:
    """RMSE, MAE, R², MAPE and WAPE. The variance is merged batch by batch (Chan, Golub and LeVeque 1979)."""

    def __init__(self) -> None:
        self._rows, self._mean, self._variation, self._squares, self._errors = 0, 0.0, 0.0, 0.0, 0.0
        self._relative, self._sizes, self._zeros = 0.0, 0.0, 0

    def add(self, truth: np.ndarray, output: np.ndarray, decided: np.ndarray) -> None:
        """Add n rows."""
        if not len(truth):
            return
        rows, mean = len(truth), float(truth.mean())
        self._squares += float(np.square(truth - output).sum())
        errors, sizes = np.abs(truth - output), np.abs(truth)
        self._errors += float(errors.sum())
        self._sizes += float(sizes.sum())
        self._zeros += int((sizes == 0).sum())
        self._relative += float(np.divide(errors, sizes, out=np.zeros(rows), where=sizes > 0).sum())
        apart, every = mean - self._mean, self._rows + rows
        self._variation += float(np.square(truth - mean).sum()) + apart**2 * self._rows * rows / every
        self._mean += apart * rows / every
        self._rows = every

    def found(self) -> dict[str, float]:
        """Return the metrics. R² is undefined for one row, and 0 or 1 for equal values, as in scikit-learn."""
        constant = 1.0 if self._squares == 0 else 0.0
        r2 = 1 - self._squares / self._variation if self._variation else constant
        return {
            "rmse": math.sqrt(self._squares / self._rows),
            "mae": self._errors / self._rows,
            "r2": r2 if self._rows > 1 else math.nan,
            "mape": math.nan if self._zeros else self._relative / self._rows,
            "wape": self._errors / self._sizes if self._sizes else math.nan,
        }
