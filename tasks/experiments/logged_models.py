"""The logged model of a registered version in MLflow, without weights: these stay in S3."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.use_case import UseCase
from tabular.contract import FILE, Contract
from tasks import plots, storage
from tasks.experiments import tracking
from tasks.experiments.model_signature import signature
from tasks.model_card import facts as cards
from tasks.model_card.facts import CardFacts
from tasks.pages.shown import shown_plots
from tasks.sagemaker import registry

ARN = "model_package_arn"
"""The tag of a logged model, and of a version, for its model package."""
CONTEXT = "mlflow.data.context"
"""MLflow's tag of a data set for what it was used for."""


def ensure_logged_model(
    client: Any, use_case: UseCase, package: Mapping[str, Any], known: CardFacts, run: str | None
) -> Any:
    """Return the version's logged model. One whose creation was interrupted is completed."""
    arn, experiment = package["ModelPackageArn"], tracking.experiment(client, use_case.name)
    found = client.search_logged_models([experiment], f"tags.`{ARN}` = '{arn}'")
    model = found[0] if found else None
    if model is None:
        model = client.create_logged_model(
            experiment_id=experiment,
            name=f"{known.evaluation.model.candidate}-v{registry.version_of(arn)}",
            source_run_id=run,
            tags={**tags_of(use_case, package), "mlflow.model.isExternal": "true"},
            params={name: str(value)[:500] for name, value in known.evaluation.model.hyperparameters.items()},
            model_type=known.evaluation.model.algorithm,
        )
    if str(model.status) != "READY":
        _fill(client, known, model, run)
        model = client.finalize_logged_model(model.model_id, "READY")
    return model


def tags_of(use_case: UseCase, package: Mapping[str, Any]) -> dict[str, str]:
    """What people look up from MLflow. The archive stays in S3."""
    tags = {
        ARN: package["ModelPackageArn"],
        "model_uri": registry.model_uri(package),
        "model_sha256": registry.facts_of(package).get(registry.MODEL_DIGEST, ""),
        "card_uri": f"{cards.folder_of(use_case, package)}/{cards.PAGE}",
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
        for name, svg in shown_plots(known.use_case, plots.stored(known.evaluation)).items():
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


def log_card(client: Any, use_case: UseCase, package: Mapping[str, Any], model: Any) -> None:
    """Put the card of now beside the model."""
    with tempfile.TemporaryDirectory() as folder:
        page = storage.get(f"{cards.folder_of(use_case, package)}/{cards.PAGE}")
        Path(folder, cards.PAGE).write_bytes(page)
        client.log_model_artifacts(model.model_id, folder)
