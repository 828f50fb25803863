"""The training jobs of a tuning job as stored, and their counts and best objectives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sagemaker_local.store import Query

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

TUNING = "_Tuning"
"""The member of a training job's record that holds its tuned hyperparameters."""
_MOST = 100_000
_IMPROVEMENT = 0.01  # by AWS's definition of "not improving": 1 % or less


def trials_of(engine: Engine, tuning_job: Record) -> list[Record]:
    """Its training jobs, in the order of their names, which is the order of their launch."""
    conditions = (
        ("name > ?", f"{tuning_job.name}-"),
        ("name < ?", f"{tuning_job.name}."),
        ("json_extract(body, '$.TuningJobArn') = ?", tuning_job.arn),
    )
    return engine.store.find(Query("TrainingJob", conditions, order_by="name", limit=_MOST))


def ended(trial: Record) -> bool:
    return trial.status in ("Completed", "Failed", "Stopped")


def objective_of(trial: Record) -> float | None:
    """The last value of the objective metric of a training job that completed or was stopped."""
    if trial.status not in ("Completed", "Stopped"):
        return None
    wanted = trial.body[TUNING]["MetricName"]
    values = [each["Value"] for each in trial.body.get("FinalMetricDataList", []) if each["MetricName"] == wanted]
    return values[0] if values and math.isfinite(values[0]) else None


def summary_of(trial: Record, tuning_job_name: str | None = None) -> dict[str, Any]:
    """Its HyperParameterTrainingJobSummary; with the tuning job's name, as OverallBestTrainingJob has it."""
    value, tuning = objective_of(trial), trial.body[TUNING]
    pending = "Succeeded" if value is not None else "Failed" if ended(trial) else "Pending"
    summary = {**trial.body, **{k: tuning[k] for k in ("TrainingJobDefinitionName", "TunedHyperParameters")}}
    summary |= {"ObjectiveStatus": pending, "TuningJobName": tuning_job_name}
    if value is not None:
        summary["FinalHyperParameterTuningJobObjectiveMetric"] = {
            "Type": tuning["Type"],
            "MetricName": tuning["MetricName"],
            "Value": value,
        }
    return summary


def counters(trials: list[Record]) -> dict[str, dict[str, int]]:
    """TrainingJobStatusCounters and ObjectiveStatusCounters."""
    failed = [trial for trial in trials if trial.status == "Failed"]
    retryable = [trial for trial in failed if trial.body.get("FailureReason", "").startswith("InternalServerError")]
    statuses = [trial.status for trial in trials]
    succeeded = sum(objective_of(trial) is not None for trial in trials)
    over = sum(ended(trial) for trial in trials)
    return {
        "TrainingJobStatusCounters": {
            "Completed": statuses.count("Completed"),
            "InProgress": len(trials) - over,
            "RetryableError": len(retryable),
            "NonRetryableError": len(failed) - len(retryable),
            "Stopped": statuses.count("Stopped"),
        },
        "ObjectiveStatusCounters": {
            "Succeeded": succeeded,
            "Pending": len(trials) - over,
            "Failed": over - succeeded,
        },
    }


def best_of(trials: list[Record]) -> Record | None:
    """The training job with the best objective, the first of equals; None when none has an objective."""
    with_value = [trial for trial in trials if objective_of(trial) is not None]
    return max(with_value, key=goodness) if with_value else None


def goodness(trial: Record) -> float:
    """Its objective, negated when it is minimized."""
    value = objective_of(trial)
    if value is None:
        return -math.inf
    return value if trial.body[TUNING]["Type"] == "Maximize" else -value


def not_improving(trials: list[Record]) -> int:
    """The number of training jobs that ended since the last improvement of the best objective by more than 1 %."""
    count, best = 0, -math.inf
    over = [trial for trial in trials if objective_of(trial) is not None]
    for trial in sorted(over, key=lambda each: float(each.body.get("TrainingEndTime", 0.0))):
        good = goodness(trial)
        improved = math.isinf(best) or good - best > _IMPROVEMENT * abs(best)
        count = 0 if improved else count + 1
        best = max(best, good)
    return count
