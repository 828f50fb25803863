"""Registers the copy of another environment's model in this environment's model registry."""

from dataclasses import dataclass

from config.errors import GateError
from config.use_case import UseCase
from tasks import audit, digests
from tasks.champion import how_to_decide
from tasks.platform import platform
from tasks.promotion.model_copy import ARCHIVE, EVALUATION
from tasks.promotion.source import SourcePackage
from tasks.references import DataSplit
from tasks.sagemaker import registry
from tasks.signing.keys import key_reference

KEPT = (
    registry.EVALUATION, registry.MODEL_DIGEST, "metric", "value", "candidate", "dataset_digest", "split_digest",
    "training_job_arn", "evaluation_job_arn",
)  # fmt: skip
"""The metadata that stays true in another environment."""


@dataclass(frozen=True)
class Registration:
    """A version of this environment that is a copy of another environment's."""

    arn: str
    version: int
    status: str


def register(
    use_case: UseCase, source: SourcePackage, folder: str, split: DataSplit, *, approved: bool
) -> Registration:
    """Return the version of the model in `folder`. It is created once; `approved` is the status of a new one.

    Raises GateError when it exists already and a person has rejected it.
    """
    group = platform().model_package_group(use_case.name)
    arn = registry.ensure_package(
        group,
        digests.of_json([group, folder]),
        description=source.description or f"{source.facts['candidate']} for: {use_case.question}",
        model=f"{folder}/{ARCHIVE}",
        evaluation_uri=f"{folder}/{EVALUATION}",
        facts={
            **{name: source.facts[name] for name in KEPT if name in source.facts},
            registry.SPLIT: split.train_uri.rpartition("/")[0],
            registry.SIGNING_KEY: key_reference(),
            registry.PROMOTED_FROM: source.arn,
        },
        approved=approved,
    )
    facts = {"model_package_arn": arn, "from": source.arn, registry.MODEL_DIGEST: source.facts[registry.MODEL_DIGEST]}
    audit.append(use_case, "promote", facts, once=arn)
    package = registry.describe_package(arn)
    version, status = package["ModelPackageVersion"], package["ModelApprovalStatus"]
    if status == "Rejected":
        raise GateError(
            f"{use_case.name}: version {version} is this model, and a person has rejected it in this environment: "
            f"{package.get('ApprovalDescription', 'no reason given')}. To overrule that: "
            f"{how_to_decide(use_case, version, status)}"
        )
    return Registration(arn, version, status)
