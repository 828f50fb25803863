"""register: track the evaluation in MLflow, register a model version, decide on its approval, and promote it.

Each step finds its earlier result. A run that is repeated after a crash creates no second MLflow run or version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prefect.runtime import flow_run

from config.use_case import UseCase
from tasks import audit, champion, digests, locations, plots, storage
from tasks.decision import objections
from tasks.experiments import tracking
from tasks.pages.shown import shown_plots
from tasks.platform import platform
from tasks.progress import log
from tasks.references import DataSplit, ModelEvaluation, Release, TrainedModels
from tasks.sagemaker import registry
from tasks.signing import bill
from tasks.signing.keys import key_reference
from tasks.signing.models import sign
from tasks.steps import step

WAITS = "it passes every gate and waits for a person's decision"


@dataclass(frozen=True)
class Approval:
    """The approval status of a version. `against` has the reasons against it, or a person's decision."""

    model_package_arn: str
    mlflow_run_id: str | None
    approved: bool
    reason: str
    against: tuple[str, ...]
    pending: bool = False
    """Whether the version waits for a person's decision."""


def identity(evaluation: ModelEvaluation) -> str:
    """Return the id of an evaluation: the digest of its job, model, figures and champion."""
    model = evaluation.model.model_uri
    return registry.evaluation_id(evaluation.job_arn, model, evaluation.metrics, evaluation.champion_arn)


@step()
def track(use_case: UseCase, split: DataSplit, models: TrainedModels, evaluation: ModelEvaluation) -> str | None:
    """Log the evaluation to MLflow, with a nested run for each candidate, and return the run's id; None without MLflow.

    An unfinished MLflow run of this evaluation is completed. Raises Unreachable and StorageFull.
    """
    return tracking.log_run(
        use_case.name,
        identity(evaluation),
        name=evaluation.model.job_name,
        models=models.models,
        metrics={f"test_{name}": value for name, value in evaluation.metrics.items()},
        texts={
            **{f"plots/{name}.svg": svg for name, svg in shown_plots(use_case, plots.stored(evaluation)).items()},
            "split.json": split.model_dump_json(indent=2),
            "evaluation.json": evaluation.model_dump_json(indent=2),
        },
        tags={"use_case": use_case.name, **_origin(split, evaluation), "flow_run": str(flow_run.id or "none")},
    )


def _origin(split: DataSplit, evaluation: ModelEvaluation) -> dict[str, str]:
    return {
        "candidate": evaluation.model.candidate,
        "dataset_digest": split.dataset_digest,
        "split_digest": split.digest,
        "training_job_arn": evaluation.model.job_arn,
        "evaluation_job_arn": evaluation.job_arn,
    }


def _verifiable(use_case: UseCase, split: DataSplit, evaluation: ModelEvaluation) -> dict[str, str]:
    """Sign the model's files, store its bill of materials, and return what a deployment, here or in another
    environment, needs to verify them."""
    with storage.opened(evaluation.model.model_uri) as archive:
        digest, signature = digests.of_file(archive), sign(evaluation.model.model_uri, archive)
    return {
        registry.MODEL_DIGEST: digest,
        registry.SPLIT: locations.split(use_case.name, split.digest),
        registry.SIGNING_KEY: key_reference(),
        registry.BILL_DIGEST: bill.store(use_case, split, evaluation, digest, signature.files),
    }


@step()
def register_package(
    use_case: UseCase, split: DataSplit, evaluation: ModelEvaluation, mlflow_run_id: str | None
) -> str:
    """Return the ARN of the evaluation's model package. A new package has the status PendingManualApproval."""
    group, key = platform().model_package_group(use_case.name), identity(evaluation)
    compared_with = {champion.COMPARED_WITH: evaluation.champion_arn} if evaluation.champion_arn else {}
    tracked = {"mlflow_run_id": mlflow_run_id} if mlflow_run_id else {}
    verifiable = {**_origin(split, evaluation), **_verifiable(use_case, split, evaluation)}
    arn = registry.ensure_package(
        group,
        digests.of_json([group, key]),
        description=f"{evaluation.model.candidate} for: {use_case.question}",
        model=evaluation.model.model_uri,
        evaluation_uri=evaluation.uri,
        facts={
            registry.EVALUATION: key,
            "metric": evaluation.primary,
            "value": f"{evaluation.metrics[evaluation.primary]:.4f}",
            **verifiable,
            **tracked,
            **compared_with,
        },
    )
    audit.append(use_case, "register", {"model_package_arn": arn, **verifiable}, once=arn)
    return arn


@step()
def approve(
    use_case: UseCase, evaluation: ModelEvaluation, mlflow_run_id: str | None, model_package_arn: str
) -> Approval:
    """Approve or reject the package by the use case's rules, unless a person has set its status."""
    package = registry.describe_package(model_package_arn)
    against = tuple(objections(use_case.evaluation, evaluation))
    if not against and _waits_for_person(use_case, package):
        registry.set_pending(model_package_arn, WAITS)
        return Approval(model_package_arn, mlflow_run_id, False, WAITS, (WAITS,), pending=True)
    status: registry.Status = "Rejected" if against else "Approved"
    reason = "; ".join(against) or "passes every gate" + (" and beats the champion" if evaluation.champion else "")
    if registry.decided_by_person(package):
        status, reason = package["ModelApprovalStatus"], _by_person(package)
        against = (reason,) if status == "Approved" else (*against, reason)
    elif (package["ModelApprovalStatus"], package.get("ApprovalDescription")) != (status, registry.described(reason)):
        registry.set_status(model_package_arn, status, reason)
    approved = status == "Approved"
    decision = {"model_package_arn": model_package_arn, "reason": reason, "against": "; ".join(against)}
    audit.append(use_case, "approve" if approved else "reject", decision, once=model_package_arn)
    if mlflow_run_id:
        tracking.tag_run(mlflow_run_id, {"model_package_arn": model_package_arn, "approved": str(approved).lower()})
    return Approval(model_package_arn, mlflow_run_id, approved, reason, against)


def _waits_for_person(use_case: UseCase, package: Mapping[str, Any]) -> bool:
    """Whether a person has to decide: not about what was approved before `approval: manual`, or decided by a person."""
    undecided = package["ModelApprovalStatus"] != "Approved" and not registry.decided_by_person(package)
    return use_case.release.approval == "manual" and undecided


def _by_person(package: dict[str, str]) -> str:
    return f"a person has set {package['ModelApprovalStatus']}: {package.get('ApprovalDescription', 'no reason given')}"


@step()
def promote(use_case: UseCase, evaluation: ModelEvaluation, approval: Approval) -> Release:
    """Make an approved package the champion, unless it was champion before or the champion has changed meanwhile."""
    arn, reasons = approval.model_package_arn, approval.against
    if approval.approved:
        package = registry.describe_package(arn)
        refusal = champion.promote(use_case, package, evaluation.champion_arn, approval.reason)
        reasons = (*reasons, f"not promoted: {refusal}") if refusal else reasons
    now = champion.read(use_case)
    release = Release(
        use_case=use_case.name,
        model_package_arn=arn,
        version=registry.version_of(arn),
        approved=approval.approved,
        reasons=reasons,
        mlflow_run_id=approval.mlflow_run_id,
        champion_arn=now.model_package_arn if now else None,
        pending=approval.pending,
    )
    log.info("register  %s", release.headline)
    return release
