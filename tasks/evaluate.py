"""evaluate: the best candidate on held-out rows, beside the champion and a naive prediction."""

from prefect import task

from config.use_case import UseCase
from tasks import locations, names, scripts, storage
from tasks.platform import platform
from tasks.progress import log
from tasks.references import DataSplit, ModelEvaluation, TrainedModel
from tasks.sagemaker import jobs, registry

ARCHIVE = "model.tar.gz"


@task
def evaluate(use_case: UseCase, split: DataSplit, model: TrainedModel) -> ModelEvaluation:
    """Judge `model` by `sagemaker_scripts/evaluate.py` in a processing job. Raises JobFailed when that fails.

    Champion and challenger are scored on the same rows: only so can one be said to beat the other.
    """
    name = names.evaluation_job(use_case)
    champion = registry.champion(platform().model_package_group(use_case.name))
    inputs = {"challenger": model.model_uri, "test": f"{split.test_uri}/data.parquet"}
    arguments = [
        "--challenger",
        f"{jobs.INPUT}/challenger/{ARCHIVE}",
        "--test",
        f"{jobs.INPUT}/test/data.parquet",
    ]
    if champion:
        inputs["champion"] = champion["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
        arguments += ["--champion", f"{jobs.INPUT}/champion/{ARCHIVE}"]
    output = locations.evaluation(use_case.name, name)
    arn = jobs.run_processing_job(
        name,
        use_case=use_case.name,
        program="evaluate.py",
        source_dir=scripts.upload(use_case.name),
        inputs=inputs,
        arguments=[*arguments, "--output", jobs.OUTPUT],
        output=output,
        tags={"use-case": use_case.name, "split": split.digest},
    )
    found = storage.get_json(f"{output}/evaluation.json")
    primary = use_case.evaluation.primary
    log.info(
        "evaluate  %s on %s held-out rows: %s %.4f, naive %.4f%s",
        model.candidate,
        f"{found['rows']:,}",
        primary,
        found["metrics"][primary],
        found["baseline"][primary],
        f", champion {found['champion'][primary]:.4f}" if champion else ", no champion yet",
    )
    return ModelEvaluation(
        use_case=use_case.name,
        model=model,
        job_name=name,
        job_arn=arn,
        uri=f"{output}/evaluation.json",
        rows=found["rows"],
        primary=primary,
        metrics=found["metrics"],
        baseline=found["baseline"],
        champion=found["champion"],
        champion_arn=champion["ModelPackageArn"] if champion else None,
    )
