"""train: run one SageMaker training job for each candidate, on the same rows."""

import math
from collections.abc import Mapping, Sequence

from config.candidates import Candidate
from config.errors import JobFailed
from config.use_case import UseCase
from tasks import candidate_jobs, names, training_costs, tune
from tasks.decision import less_is_better
from tasks.progress import log
from tasks.references import DataSplit, TrainedModel
from tasks.sagemaker.training_jobs import run_training_job
from tasks.steps import step


@step(cached=True, limited=False, task_run_name="train-{candidate.name}")
def train(use_case: UseCase, split: DataSplit, candidate: Candidate) -> TrainedModel:
    """Train a candidate by `sagemaker_scripts/train.py`.

    Raises JobFailed when the job does not complete, or has no finite value of the primary metric.
    """
    hyperparameters = candidate_jobs.hyperparameters(use_case, candidate)
    tags = {"stage": "train", "candidate": candidate.name}
    request = candidate_jobs.request(use_case, split, candidate.algorithm, hyperparameters, tags)
    found = tune.search(use_case, candidate, candidate.tune, request) if candidate.tune else None
    job = found.best if found else run_training_job(names.training_jobs(use_case, candidate.name), **request)
    value = deciding_metric(use_case, candidate.name, job.name, job.metrics)
    log.info(
        "train     %s: %s %.4f in %s",
        candidate.name,
        use_case.selected_by,
        value,
        training_costs.usage_in_words(job, found, use_case.training.instances),
    )
    return TrainedModel(
        use_case=use_case.name,
        candidate=candidate.name,
        algorithm=candidate.algorithm,
        hyperparameters={**hyperparameters, **(found.tuned if found else {})},
        split_digest=split.digest,
        job_name=job.name,
        job_arn=job.arn,
        model_uri=job.model_uri,
        metrics=job.metrics,
        **training_costs.usage(job, found, use_case.training.instances),
    )


def deciding_metric(use_case: UseCase, candidate: str, job: str, metrics: Mapping[str, float]) -> float:
    """Return the metric that chooses the winner. Raises JobFailed when a job's metrics lack it, or it is NaN.

    It is the primary metric on the validation rows, or its mean over the folds of a cross-validation.
    """
    name = use_case.selected_by
    value = metrics.get(name, math.nan)
    if not math.isfinite(value):
        found = "none" if name not in metrics else f"{value}"
        raise JobFailed(
            f"candidate {candidate}: expected a finite {name} from training job {job}, found {found}. "
            "See the job's log: a metric is undefined when the validation rows lack a class"
        )
    return value


def best(use_case: UseCase, models: Sequence[TrainedModel]) -> TrainedModel:
    """Return the winner: the model with the best deciding metric, the first of equals.

    Raises JobFailed when a model has no finite one.
    """
    sign = 1 if less_is_better(use_case.evaluation.primary) else -1
    return min(
        models,
        key=lambda model: sign * deciding_metric(use_case, model.candidate, model.job_name, model.metrics),
    )
