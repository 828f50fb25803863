"""Mirrors registered versions to MLflow, one way: SageMaker's registry and the champion in S3 decide, MLflow shows.

Each version has a logged model without weights, with its signature, its data sets by digest, its card and its plots;
and a version of MLflow's registry. The aliases `champion` and `challenger` follow approvals and champions.
"""

import json
from collections.abc import Mapping
from typing import Any

from config.errors import VishwaOpsError
from config.use_case import UseCase
from tasks import champion as champions
from tasks.experiments import tracking
from tasks.experiments.logged_models import ARN, ensure_logged_model, log_card, tags_of
from tasks.experiments.tracking_server import why_untracked
from tasks.model_card import facts as cards
from tasks.model_card.facts import CardFacts
from tasks.platform import platform
from tasks.progress import log
from tasks.sagemaker import registry

CHAMPION, CHALLENGER = "champion", "challenger"
"""The aliases. The challenger is the newest version after the champion that is approved or waits for a decision, and
was never champion."""
VERSIONS = "mlflow.modelVersions"
"""MLflow's tag of a logged model for the versions in its registry, to which its page links."""


def mirror(use_case: UseCase, *model_package_arns: str) -> bool:
    """Bring MLflow up to date about these versions and about the aliases. Returns whether it is. Safe to repeat.

    MLflow decides nothing, so its failure is logged and not raised.
    """
    if why_untracked():
        return False
    from mlflow.exceptions import MlflowException
    from requests import RequestException

    try:
        with tracking.explained():
            client = tracking.connect()
            for arn in model_package_arns:
                _mirror_version(client, use_case, arn)
            _set_aliases(client, use_case)
    except (MlflowException, RequestException, VishwaOpsError, OSError) as error:
        log.warning(
            "mlflow    not mirrored: %s. The registry is complete. To try again: vishwaops run register --use-case %s",
            str(error).splitlines()[0],
            use_case.name,
        )
        return False
    return True


def _mirror_version(client: Any, use_case: UseCase, arn: str) -> None:
    package = registry.describe_package(arn)
    if (known := cards.find(use_case, package)) is None:
        log.info(
            "mlflow    version %d was registered without a model card: it is not mirrored", registry.version_of(arn)
        )
        return
    run = registry.facts_of(package).get("mlflow_run_id")
    model = ensure_logged_model(client, use_case, package, known, run)
    log_card(client, use_case, package, model)
    _register(client, use_case, package, known, model, run)


def _register(
    client: Any, use_case: UseCase, package: Mapping[str, Any], known: CardFacts, model: Any, run: str | None
) -> None:
    tags = {**tags_of(use_case, package), "approval": package["ModelApprovalStatus"]}
    if (found := _mirrored(client, use_case).get(package["ModelPackageArn"])) is None:
        _ensure_registered_model(client, use_case)
        found = client.create_model_version(
            use_case.name, model.artifact_location, run, tags=tags, model_id=model.model_id,
            description=known.evaluation.headline, await_creation_for=0,
        )  # fmt: skip
    for name, text in tags.items():
        if found.tags.get(name) != text:
            client.set_model_version_tag(use_case.name, found.version, name, text)
    shown = json.dumps([{"name": use_case.name, "version": found.version}])
    if model.tags.get(VERSIONS) != shown:
        client.set_logged_model_tags(model.model_id, {VERSIONS: shown})


def _ensure_registered_model(client: Any, use_case: UseCase) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(use_case.name, description=use_case.question)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _mirrored(client: Any, use_case: UseCase) -> dict[str, Any]:
    """The versions in MLflow's registry by the ARN of their package; the oldest of several."""
    found = client.search_model_versions(f"name = '{use_case.name}'")
    newest_first = sorted(found, key=lambda version: -int(version.version))
    return {version.tags[ARN]: version for version in newest_first if ARN in version.tags}


def _set_aliases(client: Any, use_case: UseCase) -> None:
    mirrored = _mirrored(client, use_case)
    if not mirrored:
        return
    has = client.get_registered_model(use_case.name).aliases
    for alias, arn in aliases(use_case).items():
        version = mirrored[arn].version if arn in mirrored else None
        if version and str(has.get(alias)) != str(version):
            client.set_registered_model_alias(use_case.name, alias, version)
        elif version is None and alias in has:
            client.delete_registered_model_alias(use_case.name, alias)


def aliases(use_case: UseCase) -> dict[str, str | None]:
    """Return the ARN of the package of each alias, by the champion in S3 and the registry; None without one."""
    now = champions.find(use_case)
    been = {now.model_package_arn, *now.history} if now else set()
    after = now.version if now else 0
    possible = (
        found["ModelPackageArn"]
        for found in registry.newest_packages(platform().model_package_group(use_case.name))
        if found["ModelApprovalStatus"] in ("Approved", registry.PENDING)
        and found["ModelPackageVersion"] > after
        and found["ModelPackageArn"] not in been
    )
    return {CHAMPION: now.model_package_arn if now else None, CHALLENGER: next(possible, None)}
