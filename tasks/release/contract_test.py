"""The test of a version before any client calls it: held-out rows and a short load, on a temporary endpoint.

A second variant of the real endpoint would not do: SageMaker allows one variant for a serverless endpoint, and no other
variant in a deployment with guardrails (Developer Guide, "Deployment guardrails: Exclusions"). A shadow variant can't
be called.
"""

import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.errors import GateError, VishwaOpsError
from config.use_case import UseCase
from serving.openapi import description
from tabular.contract import FILE, Contract
from tabular.evidence.answers import ROWS
from tasks import storage
from tasks.progress import log
from tasks.references import Champion, DataSplit
from tasks.release.load import Load, run_load
from tasks.release.temporary_endpoint import temporary_endpoint
from tasks.rows import shards
from tasks.rows.stored_rows import frame_of
from tasks.sagemaker import registry
from tasks.sagemaker.hosted_models import HostedModel
from tasks.sagemaker.invocations import invoke
from tasks.scoring import instances, json_rows

REQUESTS, CONNECTIONS = 60, 2
"""Of the load."""
TOLERANCE = 1e-6
"""The largest difference of an answer from the evaluation's."""
JSON = "application/json"

Ask = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Sample:
    """n held-out rows of a version: each as JSON, and the evaluation's answers to them if they are stored."""

    contract: Contract
    rows: tuple[str, ...]
    expected: Sequence[Any] | None
    """(n, classes) probabilities, or (n,) values."""


def require_sound(use_case: UseCase, champion: Champion, hosted: HostedModel) -> None:
    """Serve a version by a temporary endpoint, and test its answers. Nothing is tested without held-out rows.

    Raises GateError when an answer does not fit the model's OpenAPI description or differs from the evaluation's, or
    when a request fails; and JobFailed when the endpoint does not start.
    """
    try:
        sample = read_sample(champion.split, champion.model_package_arn)
    except FileNotFoundError as error:
        log.warning("deploy    no contract test: expected held-out rows and a contract, found none: %s", error)
        return
    with temporary_endpoint(use_case, champion.version, hosted) as name:
        load = require_answers(sample, lambda body: invoke(name, body, JSON, JSON), f"version {champion.version}")
    log.info(
        "deploy    version %d answers %d held-out rows%s; %d requests: p50 %.1f ms, p95 %.1f ms",
        champion.version,
        len(sample.rows),
        " as its evaluation did" if sample.expected else "",
        len(load.seconds),
        1000 * load.percentile(0.5),
        1000 * load.percentile(0.95),
    )


def read_sample(split: DataSplit, model_package_arn: str) -> Sample:
    """Read the first held-out rows of a split. Raises FileNotFoundError without rows or a contract."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, FILE).write_bytes(storage.get(f"{split.contract_uri}/{FILE}"))
        contract = Contract.read(Path(folder))
    features = {column.name: column for column in contract.features}
    batch = next(shards.batches(split.test_uri, list(features)), None)
    if batch is None or not len(batch):
        raise FileNotFoundError(f"{split.test_uri}: no rows")
    rows = json_rows(frame_of(batch)[list(features)].head(ROWS), features).to_pylist()
    return Sample(contract, tuple(rows), _expected(model_package_arn, len(rows)))


def _expected(model_package_arn: str, rows: int) -> Sequence[Any] | None:
    """The evaluation's answers to the first held-out rows; None where it has stored none."""
    package = registry.find_package(model_package_arn) or {}
    uri = package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {}).get("S3Uri")
    try:
        found = storage.get_json(uri).get("answers") if uri else None
    except FileNotFoundError:
        return None
    return found["output"][:rows] if found else None


def require_answers(sample: Sample, ask: Ask, who: str) -> Load:
    """Send the rows in one request, then a load of single rows. Raises GateError for a wrong answer or a failure."""
    try:
        answer = json.loads(ask(instances(sample.rows)))
    except (VishwaOpsError, ValueError) as error:
        raise GateError(f"{who}: expected answers to {len(sample.rows)} held-out rows, found: {error}") from error
    if problem := problem_of(sample, answer):
        raise GateError(f"{who}: contract test: {problem}. No client has called it")
    load = run_load(ask, [instances([row]) for row in sample.rows], REQUESTS, CONNECTIONS)
    if load.failures:
        raise GateError(
            f"{who}: contract test: expected answers to {REQUESTS} requests, found {len(load.failures)} failures; the "
            f"first: {load.failures[0]}. No client has called it"
        )
    return load


def problem_of(sample: Sample, answer: Any) -> str | None:
    """Return what is wrong with the answer to the sample's rows, or None."""
    if problem := _schema_problem(sample.contract, answer):
        return problem
    found = [_values(sample.contract, each) for each in answer["predictions"]]
    if len(found) != len(sample.rows):
        return f"expected {len(sample.rows)} answers, found {len(found)}"
    for row, (values, expected) in enumerate(zip(found, sample.expected or (), strict=False)):
        wanted = list(expected) if isinstance(expected, list) else [expected]
        if len(values) != len(wanted) or any(map(_differ, values, wanted)):
            return f"row {row}: expected the evaluation's {_shown(wanted)}, found {_shown(values)}"
    return None


def _differ(one: float, other: float) -> bool:
    return not math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _schema_problem(contract: Contract, answer: Any) -> str | None:
    import jsonschema  # takes 0.1 s

    whole = description(contract)
    schema = {"$ref": "#/components/schemas/Prediction", "components": whole["components"]}
    if not isinstance(answer, dict) or not isinstance(answer.get("predictions"), list):
        return "expected an object with the list `predictions`, as the OpenAPI description says"
    check = jsonschema.Draft202012Validator(schema)
    for row, each in enumerate(answer["predictions"]):
        if (error := next(check.iter_errors(each), None)) is not None:
            return f"row {row}: expected an answer by the OpenAPI description, found {error.message[:200]}"
    return None


def _values(contract: Contract, answer: Mapping[str, Any]) -> list[float]:
    if contract.classes:
        return [float(answer["probabilities"][name]) for name in contract.classes]
    return [float(answer["prediction"])]


def _shown(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values)
