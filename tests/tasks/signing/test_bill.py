"""The bill of materials of a registered model."""

import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from config.use_case import UseCase
from tasks import audit, champion, storage
from tasks.audit.entries import decode
from tasks.references import DataSplit, ModelEvaluation
from tasks.sagemaker import registry
from tasks.signing.bill import BILL, lock_of
from tasks.signing.models import beside
from tests.tasks.releases import new_evaluation, new_model, new_split, new_use_case, of_split, take_steps

Registered = tuple[UseCase, DataSplit, ModelEvaluation, str]


@pytest.fixture(scope="module")
def registered(bucket: str) -> Registered:
    """A version that became champion, and its ARN."""
    case = new_use_case()
    split = new_split(case)
    evaluation = new_evaluation(case, new_model(case, split), 0.8)
    return (
        case,
        split,
        evaluation,
        take_steps(case, split, of_split(split, evaluation.model), evaluation).model_package_arn,
    )


def test_the_bill_fits_the_schema_of_cyclonedx_1_6(registered: Registered) -> None:
    _, _, evaluation, _ = registered
    content = storage.get(beside(evaluation.model.model_uri, BILL)).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(content) is None


def test_the_bill_has_the_models_files_its_data_its_figures_and_the_packages_of_its_image(
    registered: Registered,
) -> None:
    case, split, evaluation, arn = registered
    found = json.loads(storage.get(beside(evaluation.model.model_uri, BILL)))
    model, facts = found["metadata"]["component"], registry.facts_of(registry.describe_package(arn))
    assert (model["name"], model["hashes"][0]["content"]) == (case.name, facts[registry.MODEL_DIGEST])
    assert [file["name"] for file in model["components"]] == ["model.txt"]
    card = model["modelCard"]
    assert card["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "roc_auc", "value": "0.8", "slice": "2 held-out rows"}
    ]
    [rows] = [each for each in found["components"] if {"ref": each["bom-ref"]} in card["modelParameters"]["datasets"]]
    assert split.dataset_digest in rows["name"]
    versions = {each["name"]: each["version"] for each in found["components"] if each["type"] == "library"}
    assert versions["skops"] == "0.16.0"
    assert len(versions) > 20
    assert f"scikit-learn=={versions['scikit-learn']}" in lock_of("sagemaker-xgboost:3.2-0").read_text()


def test_the_audit_log_has_the_registration_the_decision_and_the_new_champion_once(registered: Registered) -> None:
    case, split, evaluation, arn = registered
    take_steps(case, split, of_split(split, evaluation.model), evaluation)  # a repeated run
    entries = [decode(entry) for entry in audit.log_of(case.name).read().entries]
    assert [entry["action"] for entry in entries] == ["register", "approve", "champion"]
    assert {entry["facts"]["model_package_arn"] for entry in entries} == {arn}
    first, decision, moved = (entry["facts"] for entry in entries)
    assert (first["dataset_digest"], first["training_job_arn"]) == (split.dataset_digest, evaluation.model.job_arn)
    assert first[registry.BILL_DIGEST] == registry.facts_of(registry.describe_package(arn))[registry.BILL_DIGEST]
    assert (decision["reason"], moved["reason"]) == ("passes every gate", "passes every gate")
    assert all(entry["who"] and entry["code"] and entry["at"] for entry in entries)
    champion.move(case, 1, "again")  # it is champion already
    assert len(audit.log_of(case.name).read().entries) == 3
