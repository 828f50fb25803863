"""Mirrors registered versions to MLflow, one way: SageMaker's registry and the champion in S3 decide, MLflow shows.

Each version has a logged model without weights, with its signature, its data sets by digest, its card and its plots;
and a version of MLflow's registry. The aliases `champion` and `challenger` follow approvals and champions.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.errors import VishwaOpsError
from config.use_case import UseCase
from tabular.contract import FILE, Contract
from tasks import champion as champions
from tasks import plots, storage, tracking
from tasks.mlflow_signature import signature
from tasks.model_card import facts as cards
from tasks.model_card.facts import CardFacts
from tasks.platform import platform
from tasks.progress import log
from tasks.sagemaker import registry
from tasks.tracking_server import why_untracked

ARN = "model_package_arn"
"""The tag of a logged model, and of a version, for its model package."""
CHAMPION, CHALLENGER = "champion", "challenger"
"""The aliases. The challenger is the newest version after the champion that is approved or waits for a decision, and
was never champion."""
VERSIONS = "mlflow.modelVersions"
"""MLflow's tag of a logged model for the versions in its registry, to which its page links."""
CONTEXT = "mlflow.data.context"
"""MLflow's tag of a data set for what it was used for."""


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
        log.info("mlflow    version %d was registered without a model card: it is not mirrored", _version(arn))
        return
    run = registry.facts_of(package).get("mlflow_run_id")
    model = _logged_model(client, use_case, package, known, run)
    _log_card(client, use_case, package, model)
    _register(client, use_case, package, known, model, run)


def _version(arn: str) -> int:
    return registry.version_of(arn)


def _logged_model(client: Any, use_case: UseCase, package: Mapping[str, Any], known: CardFacts, run: str | None) -> Any:
    """Return the version's logged model. One whose creation was interrupted is completed."""
    arn, experiment = package["ModelPackageArn"], tracking.experiment(client, use_case.name)
    found = client.search_logged_models([experiment], f"tags.`{ARN}` = '{arn}'")
    model = found[0] if found else None
    if model is None:
        model = client.create_logged_model(
            experiment_id=experiment,
            name=f"{known.evaluation.model.candidate}-v{_version(arn)}",
            source_run_id=run,
            tags={**_tags(use_case, package), "mlflow.model.isExternal": "true"},
            params={name: str(value)[:500] for name, value in known.evaluation.model.hyperparameters.items()},
            model_type=known.evaluation.model.algorithm,
        )
    if str(model.status) != "READY":
        _fill(client, known, model, run)
        model = client.finalize_logged_model(model.model_id, "READY")
    return model


def _tags(use_case: UseCase, package: Mapping[str, Any]) -> dict[str, str]:
    """What people look up from MLflow. The archive stays in S3."""
    tags = {
        ARN: package["ModelPackageArn"],
        "model_uri": registry.model_uri(package),
        "model_sha256": registry.facts_of(package).get(registry.MODEL_DIGEST, ""),
        "card_uri": f"{cards.folder_of(use_case, package)}/card.html",
        "registry_version": str(package["ModelPackageVersion"]),
    }
    return {name: text for name, text in tags.items() if text}


def _fill(client: Any, known: CardFacts, model: Any, run: str | None) -> None:
    """Write the model's description and plots, and connect it with its run, data sets and metrics."""
    from mlflow.models.utils import get_external_mlflow_model_spec

    described = get_external_mlflow_model_spec(model)
    described.signature = signature(_contract(known))
    with tempfile.TemporaryDirectory() as folder:
        described.save(str(Path(folder, "MLmodel")))
        for name, svg in plots.stored(known.evaluation).items():
            path = Path(folder, "plots", f"{name}.svg")
            path.parent.mkdir(exist_ok=True)
            path.write_text(svg, encoding="utf-8")
        client.log_model_artifacts(model.model_id, folder)
    if run:
        _connect(client, known, model, run)


def _contract(known: CardFacts) -> Contract:
    return Contract.parsed(storage.get_json(f"{known.split.contract_uri}/{FILE}"))


def _connect(client: Any, known: CardFacts, model: Any, run: str) -> None:
    from mlflow.entities import LoggedModelOutput, Metric

    test = _data_set(known, "test")
    started = client.get_run(run).info.start_time
    figures = [
        Metric(
            f"test_{name}", value, started, 0, model_id=model.model_id, run_id=run,
            dataset_name=test.dataset.name, dataset_digest=test.dataset.digest,
        )
        for name, value in known.evaluation.metrics.items()
    ]  # fmt: skip
    client.log_inputs(run, [_data_set(known, "train"), _data_set(known, "validation"), test])
    client.log_batch(run, metrics=figures)
    client.log_outputs(run, [LoggedModelOutput(model.model_id, 0)])


def _data_set(known: CardFacts, part: str) -> Any:
    """A part of the split, by the split's digest and its address."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    split = known.split
    rows, uri = getattr(split, f"{part}_rows"), getattr(split, f"{part}_uri")
    return DatasetInput(
        Dataset(
            name=f"{split.use_case} {part}",
            digest=split.digest,
            source_type="s3",
            source=json.dumps({"uri": uri}),
            profile=json.dumps({"num_rows": rows, "dataset_version": split.dataset_digest}),
        ),
        [InputTag(CONTEXT, {"train": "training"}.get(part, part))],
    )


def _log_card(client: Any, use_case: UseCase, package: Mapping[str, Any], model: Any) -> None:
    """Put the card of now beside the model."""
    with tempfile.TemporaryDirectory() as folder:
        page = storage.get(f"{cards.folder_of(use_case, package)}/card.html")
        Path(folder, "card.html").write_bytes(page)
        client.log_model_artifacts(model.model_id, folder)


def _register(
    client: Any, use_case: UseCase, package: Mapping[str, Any], known: CardFacts, model: Any, run: str | None
) -> None:
    tags = {**_tags(use_case, package), "approval": package["ModelApprovalStatus"]}
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
