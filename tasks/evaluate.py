"""evaluate: the best candidate on held-out rows, beside the champion and a naive prediction."""

import math
from collections.abc import Mapping, Sequence

from prefect import task

from config.errors import GateError
from config.use_case import UseCase
from tasks import locations, names, scripts, storage
from tasks.platform import platform
from tasks.progress import log
from tasks.references import DataSplit, ModelEvaluation, TrainedModel
from tasks.sagemaker import jobs, registry

ARCHIVE = "model.tar.gz"


@task
def evaluate(use_case: UseCase, split: DataSplit, model: TrainedModel) -> ModelEvaluation:
    """Judge `model` by `sagemaker_scripts/evaluate.py` in a processing job.

    Champion and challenger are scored on the same rows, so that they can be compared. Raises JobFailed when the job
    fails, and GateError when a metric that decides has no finite value.
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
    metrics = finite(found["metrics"])
    baseline = finite(found["baseline"])
    before = finite(found["champion"]) if champion else None
    require_metrics(use_case, model.candidate, metrics)
    require_metrics(use_case, "the naive prediction", baseline, [primary])
    if before is not None:
        require_metrics(use_case, "the champion", before, [primary])
    log.info(
        "evaluate  %s on %s held-out rows: %s %.4f, naive %.4f%s",
        model.candidate,
        f"{found['rows']:,}",
        primary,
        metrics[primary],
        baseline[primary],
        f", champion {before[primary]:.4f}" if before else ", no champion yet",
    )
    return ModelEvaluation(
        use_case=use_case.name,
        model=model,
        job_name=name,
        job_arn=arn,
        uri=f"{output}/evaluation.json",
        rows=found["rows"],
        primary=primary,
        metrics=metrics,
        baseline=baseline,
        champion=before,
        champion_arn=champion["ModelPackageArn"] if champion else None,
    )


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics that have a value: one that is undefined is NaN in the job's answer."""
    return {name: value for name, value in metrics.items() if math.isfinite(value)}


def require_metrics(
    use_case: UseCase, who: str, metrics: Mapping[str, float], names: Sequence[str] | None = None
) -> None:
    """Raise GateError unless `metrics` have the given ones: by default the primary one and those of the gates."""
    judged = names or [use_case.evaluation.primary, *(gate.metric for gate in use_case.evaluation.gates)]
    if missing := [name for name in dict.fromkeys(judged) if name not in metrics]:
        raise GateError(
            f"{use_case.name}: expected a finite {', '.join(missing)} of {who} on the held-out rows, found none: "
            "it is undefined there. The rows may lack a class; split otherwise, or judge by another metric"
        )
