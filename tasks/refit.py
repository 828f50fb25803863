"""refit: train the winner again, on the training and validation rows, before it is evaluated."""

from config.use_case import UseCase
from tasks import candidate_jobs, names, training_costs
from tasks.progress import log
from tasks.references import DataSplit, TrainedModel
from tasks.sagemaker.training_jobs import run_training_job
from tasks.steps import step


@step(cached=True, limited=False, task_run_name="refit-{winner.candidate}")
def refit(use_case: UseCase, split: DataSplit, winner: TrainedModel) -> TrainedModel:
    """Fit the winner's algorithm and hyperparameters to the training and validation rows, in a training job.

    The calibration, and the best iteration of early stopping, are the winner's. Raises JobFailed when the job does not
    complete.
    """
    tags = {"stage": "refit", "candidate": winner.candidate}
    request = candidate_jobs.request(
        use_case, split, winner.algorithm, winner.hyperparameters, tags, selected=winner.model_uri
    )
    job = run_training_job(names.refit_jobs(use_case, winner.candidate), **request)
    rows = split.train_rows + split.validation_rows
    log.info(
        "refit     %s on %s training and validation rows in %s",
        winner.candidate,
        f"{rows:,}",
        training_costs.usage_in_words(job, instances=use_case.training.instances),
    )
    return TrainedModel(
        use_case=use_case.name,
        candidate=winner.candidate,
        algorithm=winner.algorithm,
        hyperparameters=winner.hyperparameters,
        split_digest=split.digest,
        job_name=job.name,
        job_arn=job.arn,
        model_uri=job.model_uri,
        metrics=job.metrics,
        **training_costs.usage(job, instances=use_case.training.instances),
        refit_of=winner.job_name,
    )
