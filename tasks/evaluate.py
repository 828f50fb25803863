"""evaluate: compare the best candidate with the champion and a naive prediction on held-out rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.errors import GateError
from config.use_case import UseCase
from tasks import job_settings, locations, names, scripts, storage
from tasks.lineage.same_split import require_split
from tasks.progress import log
from tasks.references import (
    ColumnAlone,
    Comparison,
    DataSplit,
    Estimate,
    ModelEvaluation,
    RegisteredModel,
    TrainedModel,
)
from tasks.sagemaker import processing_jobs
from tasks.steps import is_fresh, step

ARCHIVE = "model.tar.gz"
EVALUATION = "evaluation.json"


@step(cached=True)
def evaluate(
    use_case: UseCase, split: DataSplit, model: TrainedModel, champion: RegisteredModel | None
) -> ModelEvaluation:
    """Evaluate `model` by `sagemaker_scripts/evaluate.py` in a processing job.

    Champion and challenger are scored on the same rows. Raises JobFailed when the job fails, and GateError when the
    model is of another split, or when a metric of the gates or the primary metric is not finite.
    """
    require_split(split, model)
    job = _run_job(use_case, split, model, champion)
    judged = judge(use_case, model.candidate, storage.get_json(f"{job.output_uri}/{EVALUATION}"))
    evaluation = ModelEvaluation(
        use_case=use_case.name,
        model=model,
        split_digest=split.digest,
        job_name=job.name,
        job_arn=job.arn,
        uri=f"{job.output_uri}/{EVALUATION}",
        rows=judged.rows,
        primary=judged.primary,
        metrics=judged.metrics,
        baseline=judged.baseline,
        champion=judged.champion,
        champion_arn=champion.model_package_arn if champion else None,
        intervals=judged.intervals,
        comparison=judged.comparison,
        latency_ms=judged.latency_ms,
        bytes=judged.bytes,
        alone=judged.alone,
        fairness=judged.fairness,
    )
    log.info("evaluate  %s", evaluation.headline)
    return evaluation


def _run_job(
    use_case: UseCase, split: DataSplit, model: TrainedModel, champion: RegisteredModel | None
) -> processing_jobs.FinishedProcessingJob:
    """Run the job that scores the held-out rows with both models."""
    further = recommendation_settings(use_case)
    settings = job_settings.publish(use_case, further=further)
    inputs = {"challenger": model.model_uri, "test": split.test_uri, "settings": settings}
    arguments = [
        "--challenger",
        f"{processing_jobs.INPUT}/challenger/{ARCHIVE}",
        "--test",
        f"{processing_jobs.INPUT}/test",
        "--settings",
        f"{processing_jobs.INPUT}/settings",
    ]
    if further:
        history = {"train": split.train_uri, "validation": split.validation_uri}
        inputs |= history
        arguments += ["--history", *(f"{processing_jobs.INPUT}/{name}" for name in history)]
    if champion:
        inputs["champion"] = champion.model_uri
        arguments += ["--champion", f"{processing_jobs.INPUT}/champion/{ARCHIVE}"]
    return processing_jobs.run_processing_job(
        names.evaluation_jobs(use_case),
        use_case=use_case.name,
        program="evaluate.py",
        source_dir=scripts.upload(use_case.name),
        inputs=inputs,
        arguments=[*arguments, "--output", processing_jobs.OUTPUT],
        output=locations.evaluations(use_case.name),
        leaves=EVALUATION,
        tags={"use-case": use_case.name, "stage": "evaluate", "split": split.digest},
        fresh=is_fresh(),
    )


def recommendation_settings(use_case: UseCase) -> dict[str, Any]:
    """Return what the job reads of `recommendation`; empty without it."""
    rules = use_case.recommendation
    if rules is None:
        return {}
    wanted = rules.model_dump(mode="json", include={"user", "item", "top", "best"})
    return {"recommendation": {**wanted, "target": use_case.target.column}}


@dataclass(frozen=True)
class Judgement:
    """The metrics on n held-out rows: of the candidate, the naive prediction and, if it exists, the champion."""

    rows: int
    primary: str
    metrics: dict[str, float]
    baseline: dict[str, float]
    champion: dict[str, float] | None
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    comparison: Comparison | None = None
    latency_ms: float | None = None
    bytes: int | None = None
    alone: ColumnAlone | None = None
    fairness: dict[str, dict[str, Estimate]] = field(default_factory=dict)


def judge(use_case: UseCase, candidate: str, found: Mapping[str, Any]) -> Judgement:
    """Read the job's results. Raises GateError when a metric of the gates or the primary metric is not finite."""
    primary, recommended = use_case.evaluation.primary, recommendation_metrics(found)
    champion = finite(found["champion"]) if found["champion"] else None
    judged = Judgement(
        rows=found["rows"],
        primary=primary,
        metrics=finite(found["metrics"]) | {name: each.value for name, each in recommended.items()},
        baseline=finite(found["baseline"]),
        champion=champion,
        intervals={
            **{name: (low, high) for name, (low, high) in found.get("intervals", {}).get("metrics", {}).items()},
            **{name: (each.low, each.high) for name, each in recommended.items()},
        },
        comparison=Comparison.model_validate(found["comparison"]) if "comparison" in found else None,
        latency_ms=found.get("latency", {}).get("median_ms"),
        bytes=found.get("bytes"),
        alone=ColumnAlone.model_validate(found["alone"]) if "alone" in found else None,
        fairness=between_groups(found),
    )
    require_metrics(use_case, candidate, judged.metrics)
    require_metrics(use_case, "the naive prediction", judged.baseline, [primary])
    if champion is not None:
        require_metrics(use_case, "the champion", champion, [primary])
    return judged


def between_groups(found: Mapping[str, Any]) -> dict[str, dict[str, Estimate]]:
    """Return the defined figures between the groups of each column, by metric."""
    columns = (found.get("fairness") or {}).get("columns", {})
    return {
        name: {metric: Estimate(**figure) for metric, figure in each["between"].items() if figure}
        for name, each in columns.items()
    }


def recommendation_metrics(found: Mapping[str, Any]) -> dict[str, Estimate]:
    """Return the figures of the model's recommendations that are defined, by the metric's name."""
    rankings = (found.get("recommendation") or {}).get("rankings", {})
    return {f"recommendation_{name}": Estimate(**each) for name, each in rankings.get("model", {}).items() if each}


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return the finite metrics. An undefined metric is NaN in the job's results."""
    return {name: value for name, value in metrics.items() if math.isfinite(value)}


def require_metrics(
    use_case: UseCase, who: str, metrics: Mapping[str, float], names: Sequence[str] | None = None
) -> None:
    """Raise GateError unless `metrics` has these names: by default the primary metric and those of the gates."""
    judged = names or [use_case.evaluation.primary, *(gate.metric for gate in use_case.evaluation.gates)]
    if missing := [name for name in dict.fromkeys(judged) if name not in metrics]:
        raise GateError(
            f"{use_case.name}: expected a finite {', '.join(missing)} of {who} on the held-out rows, found none: "
            "it is undefined there. The rows may lack a class: change the split, or use another metric"
        )
