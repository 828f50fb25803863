"""Decides when a tuning job ends before its last training job, and in which status."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sagemaker_local.tuning_trials import TUNING, best_of, goodness, not_improving

if TYPE_CHECKING:
    from sagemaker_local.store import Record

_WITHOUT_OBJECTIVE = 5  # training jobs after which AWS gives up if none has an objective metric
_CONVERGED_AFTER = 10  # training jobs without an improvement; AWS does not say how it finds convergence
_NO_OBJECTIVE = (
    f"No objective metrics found after running {_WITHOUT_OBJECTIVE} training jobs. Please ensure that the custom "
    "algorithm is emitting the objective metric as defined by the regular expression provided."
)
_ALL_FAILED = "All training jobs failed. Please take a look at the training jobs failures to get more details."

Verdict = tuple[str, str]
"""A final status and a reason."""
NOTHING: Verdict = ("", "")


class Criteria:
    """The limits and completion criteria of one tuning job's config."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._criteria = config.get("TuningJobCompletionCriteria", {})
        self._seconds = config["ResourceLimits"].get("MaxRuntimeInSeconds", math.inf)
        self.converged: float | None = None
        """The time when convergence was detected."""

    def early(self, over: list[Record], seconds: float, now: float) -> Verdict:
        """Whether to stop now, by the ended training jobs and the seconds that the tuning job has run."""
        best = best_of(over)
        completed = [trial for trial in over if trial.status == "Completed"]
        if best is None and len(completed) >= _WITHOUT_OBJECTIVE:
            return "Failed", _NO_OBJECTIVE
        if seconds > self._seconds:
            return "Completed" if best else "Stopped", ""
        return ("Completed", "") if best and self._is_good_enough(best, over, now) else NOTHING

    def last(self, trials: list[Record]) -> Verdict:
        """How the tuning job ends when all its training jobs have ended."""
        if best_of(trials):
            return "Completed", ""
        return "Failed", _ALL_FAILED if all(trial.status == "Failed" for trial in trials) else _NO_OBJECTIVE

    def _is_good_enough(self, best: Record, over: list[Record], now: float) -> bool:
        target = self._criteria.get("TargetObjectiveMetricValue")
        maximize = best.body[TUNING]["Type"] == "Maximize"
        if target is not None and goodness(best) >= (target if maximize else -target):
            return True
        stale = not_improving(over)
        if stale >= _CONVERGED_AFTER and self.converged is None:
            self.converged = now
        allowed = self._criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
        if allowed is not None and stale >= allowed:
            return True
        asked = self._criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled"
        return asked and self.converged is not None
