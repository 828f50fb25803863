"""train: run one SageMaker training job for each candidate, on the same rows."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from config.candidates import METRICS, Candidate
from config.errors import JobFailed
from config.use_case import UseCase
from tasks import locations, names, scripts, tune
from tasks.decision import less_is_better
from tasks.progress import log
from tasks.references import DataSplit, TrainedModel
from tasks.sagemaker.training_jobs import run_training_job
from tasks.steps import is_fresh, step


@step(cached=True, limited=False, task_run_name="train-{candidate.name}")
def train(use_case: UseCase, split: DataSplit, candidate: Candidate) -> TrainedModel:
    """Train a candidate by `sagemaker_scripts/train.py`.

    Raises JobFailed when the job does not complete, or has no finite value of the primary metric.
    """
    metrics = METRICS[use_case.target.task]
    request: dict[str, Any] = {
        "use_case": use_case.name,
        "source_dir": scripts.upload(use_case.name),
        "program": "train.py",
        "channels": {
            "train": split.train_uri,
            "validation": split.validation_uri,
            "contract": split.contract_uri,
        },
        "hyperparameters": {"algorithm": candidate.algorithm, **candidate.hyperparameters},
        "metrics": [f"{part}:{metric}" for part in ("train", "validation") for metric in metrics],
        "required": [f"validation:{use_case.evaluation.primary}"],
        "output": locations.jobs(use_case.name),
        "tags": {"use-case": use_case.name, "stage": "train", "candidate": candidate.name, "split": split.digest},
        "spot": use_case.training.spot,
        "fresh": is_fresh(),
    }
    found = tune.search(use_case, candidate, candidate.tune, request) if candidate.tune else None
    job = found.best if found else run_training_job(names.training_jobs(use_case, candidate.name), **request)
    primary = use_case.evaluation.primary
    value = validation_metric(use_case, candidate.name, job.name, job.metrics)
    log.info("train     %s: validation %s %.4f in %s", candidate.name, primary, value, tune.in_words(job, found))
    return TrainedModel(
        use_case=use_case.name,
        candidate=candidate.name,
        algorithm=candidate.algorithm,
        hyperparameters={**candidate.hyperparameters, **(found.tuned if found else {})},
        split_digest=split.digest,
        job_name=job.name,
        job_arn=job.arn,
        model_uri=job.model_uri,
        metrics=job.metrics,
        **tune.taken(job, found),
    )


def validation_metric(use_case: UseCase, candidate: str, job: str, metrics: Mapping[str, float]) -> float:
    """Return the primary metric on the validation rows. Raises JobFailed when a job's metrics lack it, or it is NaN."""
    name = f"validation:{use_case.evaluation.primary}"
    value = metrics.get(name, math.nan)
    if not math.isfinite(value):
        found = "none" if name not in metrics else f"{value}"
        raise JobFailed(
            f"candidate {candidate}: expected a finite {name} from training job {job}, found {found}. "
            "See the job's log: a metric is undefined when the validation rows lack a class"
        )
    return value


def best(use_case: UseCase, models: Sequence[TrainedModel]) -> TrainedModel:
    """Return the model with the best primary metric on the validation rows, the first of equals.

    Raises JobFailed when a model has no finite primary metric.
    """
    sign = 1 if less_is_better(use_case.evaluation.primary) else -1
    return min(
        models,
        key=lambda model: sign * validation_metric(use_case, model.candidate, model.job_name, model.metrics),
    )
