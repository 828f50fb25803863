"""register: an MLflow run, and a version in SageMaker's model registry that is approved if it has earned it."""

import json

from prefect.runtime import flow_run

from config.use_case import UseCase
from tasks import plots, storage, tracking
from tasks.platform import platform
from tasks.progress import log
from tasks.references import DataSplit, ModelEvaluation, Release, TrainedModel
from tasks.sagemaker import registry
from tasks.steps import step


@step()
def register(use_case: UseCase, split: DataSplit, models: list[TrainedModel], evaluation: ModelEvaluation) -> Release:
    """Log the run, register the model, and approve it if nothing stands against it."""
    against = objections(use_case, evaluation)
    approved = not against
    drawn = plots.draw(storage.get_json(evaluation.uri)["points"])
    facts = {
        "dataset_digest": split.dataset_digest,
        "split_digest": split.digest,
        "training_job_arn": evaluation.model.job_arn,
        "evaluation_job_arn": evaluation.job_arn,
        "flow_run": str(flow_run.id or "none"),
    }
    run = tracking.log_run(
        use_case.name,
        evaluation.model.job_name,
        models=models,
        hyperparameters={candidate.name: candidate.hyperparameters for candidate in use_case.candidates},
        metrics={f"test_{name}": value for name, value in evaluation.metrics.items()},
        texts={
            **{f"plots/{name}.svg": svg for name, svg in drawn.items()},
            "split.json": split.model_dump_json(indent=2),
            "evaluation.json": json.dumps(evaluation.model_dump(), indent=2),
        },
        tags={"use_case": use_case.name, "candidate": evaluation.model.candidate, **facts},
    )
    arn = registry.create_package(
        platform().model_package_group(use_case.name),
        description=f"{evaluation.model.candidate} for: {use_case.question}",
        model_uri=evaluation.model.model_uri,
        approved=approved,
        reason="; ".join(against) or "passes every gate" + (" and beats the champion" if evaluation.champion else ""),
        evaluation_uri=evaluation.uri,
        facts={"mlflow_run_id": run, "candidate": evaluation.model.candidate, **facts},
    )
    version = int(arn.rsplit("/", 1)[-1])
    tracking.tag_run(run, {"model_package_arn": arn, "approved": str(approved).lower()})
    log.info("register  version %d %s%s", version, "approved" if approved else "rejected: ", "; ".join(against))
    return Release(
        use_case=use_case.name,
        model_package_arn=arn,
        version=version,
        approved=approved,
        reasons=tuple(against),
        mlflow_run_id=run,
        champion_arn=arn if approved else evaluation.champion_arn,
    )


def objections(use_case: UseCase, evaluation: ModelEvaluation) -> list[str]:
    """Say what stands against approving the evaluated model: a gate, the naive prediction, or the champion."""
    primary = use_case.evaluation.primary
    value = evaluation.metrics[primary]
    against = [
        f"{gate}: found {evaluation.metrics[gate.metric]:.4f}"
        for gate in use_case.evaluation.gates
        if not gate.passes(evaluation.metrics[gate.metric])
    ]
    naive = evaluation.baseline[primary]
    if not (value < naive if use_case.minimises else value > naive):
        against.append(f"{primary} better than the naive prediction's {naive:.4f}: found {value:.4f}")
    if evaluation.champion and not use_case.better(value, evaluation.champion[primary]):
        found = "the same" if value == evaluation.champion[primary] else f"{value:.4f}"
        against.append(f"{primary} better than the champion's {evaluation.champion[primary]:.4f}: found {found}")
    return against
