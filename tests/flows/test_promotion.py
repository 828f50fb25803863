"""A model is trained in one environment, and promoted to and served in another."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from config.errors import ConfigError, GateError, MissingInput, VishwaOpsError
from config.use_case import UseCase, load_use_case
from flows.lifecycle import lifecycle, stage
from flows.promotion import promote
from tasks import champion, clients, storage
from tasks.references import Deployment, LifecycleRun
from tasks.sagemaker import registry
from tasks.sagemaker.invocations import invoke
from tests.flows.conftest import Command
from tests.flows.environments import Environment, new_environment, within
from tests.use_cases import content

JSON = "application/json"
ROWS = b"""[{"age": 15, "sweet_tooth": 2, "favourite_fruit": "lemon", "drinks_coffee": "no"},
{"age": 12, "sweet_tooth": 5, "favourite_fruit": "strawberry", "drinks_coffee": "yes"}]"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A use case of its own, with one candidate."""
    plain = content("cake_popularity")
    path = tmp_path_factory.mktemp("case") / "case.yaml"
    path.write_text(yaml.safe_dump({**plain, "name": f"t_{uuid4().hex[:10]}", "candidates": plain["candidates"][:1]}))
    return str(path)


@pytest.fixture(scope="module")
def trained(prefect: str, file: str) -> Iterator[LifecycleRun]:
    """Its lifecycle in the first environment, with an endpoint."""
    run = lifecycle(file)
    yield run
    clients.sagemaker().delete_endpoint(EndpointName=run.deployment.endpoint_name)


@pytest.fixture
def case(trained: LifecycleRun, file: str) -> UseCase:
    return load_use_case(file)


@pytest.fixture
def other(case: UseCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """The second environment, which has nothing yet."""
    return new_environment(case, tmp_path, monkeypatch)


def describe(environment: Environment, version: int) -> dict[str, Any]:
    first = clients.sagemaker().list_model_packages(ModelPackageGroupName=environment.group)
    return registry.describe_package(registry.sibling(first["ModelPackageSummaryList"][0]["ModelPackageArn"], version))


def test_a_promoted_model_answers_as_in_its_own_environment(
    trained: LifecycleRun, case: UseCase, file: str, other: Environment, command: Command
) -> None:
    arn = trained.release.model_package_arn
    with within(other):
        status, output = command("promote", "--use-case", file, "--from", arn, "--profile", other.profile)
        assert (status, "version 1 is PendingManualApproval" in output) == (0, True), output
        assert f"passes {case.evaluation.gates[0]}: {trained.evaluation.metrics['f1']:.4f}" in output
        assert champion.find(case) is None
        with pytest.raises(GateError, match="which is PendingManualApproval"):
            champion.move(case, 1, "too early")

        clients.sagemaker().update_model_package(
            ModelPackageArn=describe(other, 1)["ModelPackageArn"], ModelApprovalStatus="Approved"
        )
        champion.move(case, 1, "promoted")
        deployed = stage("deploy", file).reference
        assert isinstance(deployed, Deployment)
        assert (deployed.endpoint_name, deployed.trained_on.digest) == (other.endpoint, trained.split.digest)
        found = invoke(deployed.endpoint_name, ROWS, JSON, JSON)
        assert stage("predict", file).reference.rows == trained.predictions.rows  # type: ignore[attr-defined]
        assert stage("monitor", file).reference.verdict == "stable"  # type: ignore[attr-defined]
        clients.sagemaker().delete_endpoint(EndpointName=other.endpoint)
    assert found == invoke(trained.deployment.endpoint_name, ROWS, JSON, JSON)
    assert len(json.loads(found)["predictions"]) == 2


def test_the_version_names_its_source_and_reads_only_its_own_environment(
    trained: LifecycleRun, case: UseCase, other: Environment
) -> None:
    source = registry.describe_package(trained.release.model_package_arn)
    with within(other):
        done = promote(case, source["ModelPackageArn"], approved=True)
        package = registry.describe_package(done.registration.arn)
    facts = registry.facts_of(package)
    assert (package["ModelApprovalStatus"], facts[registry.PROMOTED_FROM]) == ("Approved", source["ModelPackageArn"])
    assert not registry.decided_by_person(package)
    for name in ("metric", "value", "candidate", "split_digest", "training_job_arn", registry.MODEL_DIGEST):
        assert facts[name] == registry.facts_of(source)[name]
    assert package["ModelPackageDescription"] == source["ModelPackageDescription"]
    assert storage.get(registry.model_uri(package)) == storage.get(registry.model_uri(source))
    own = set(other.buckets)
    evaluation = package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    assert {storage.address(uri)[0] for uri in (registry.model_uri(package), evaluation, facts[registry.SPLIT])} <= own


def test_a_second_promotion_of_the_same_version_changes_nothing_and_can_not_approve_it(
    trained: LifecycleRun, case: UseCase, other: Environment
) -> None:
    arn = trained.release.model_package_arn
    with within(other):
        first = promote(case, arn, approved=False)
        before = other.objects()
        again = promote(case, arn, approved=True)
        assert again.registration == first.registration
        assert again.registration.status == "PendingManualApproval"
        assert [key for key in other.objects() if "/runs/" not in key] == [key for key in before if "/runs/" not in key]
        assert other.versions() == [1]
        registry.set_status(first.registration.arn, "Rejected", "unfair")
        with pytest.raises(GateError, match="a person has rejected it in this environment: unfair"):
            promote(case, arn, approved=True)


def test_a_killed_promotion_is_completed_by_the_next(trained: LifecycleRun, case: UseCase, other: Environment) -> None:
    arn = trained.release.model_package_arn
    with within(other):
        promote(case, arn, approved=False)
        data, artefacts, _ = other.buckets
        for bucket, end in ((data, "test/part-00000.parquet"), (artefacts, "manifest.json"), (data, "latest.json")):
            (key,) = (key for key in keys(bucket) if key.endswith(end))
            clients.s3().delete_object(Bucket=bucket, Key=key)
        promote(case, arn, approved=False)
        for bucket, end in ((data, "test/part-00000.parquet"), (artefacts, "manifest.json"), (data, "latest.json")):
            assert [key for key in keys(bucket) if key.endswith(end)]
        assert other.versions() == [1]


def keys(bucket: str) -> list[str]:
    return [item["Key"] for item in clients.s3().list_objects_v2(Bucket=bucket).get("Contents", [])]


Change = Callable[[dict[str, Any]], None]


def variant(trained: LifecycleRun, change: Change) -> str:
    """Another version in the first environment: the trained one, changed."""
    package = registry.describe_package(trained.release.model_package_arn)
    names = ("ModelPackageGroupName", "InferenceSpecification", "ModelMetrics", "ModelApprovalStatus",
             "CustomerMetadataProperties")  # fmt: skip
    request = {name: package[name] for name in names}
    change(request)
    return clients.sagemaker().create_model_package(**request)["ModelPackageArn"]


def container(request: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = request["InferenceSpecification"]["Containers"][0]
    return found


def repacked(uri: str, left_out: str) -> tuple[str, str]:
    """The archive at `uri` without some of its files, at another address, and its digest."""
    target = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(storage.get(uri))) as source,
        tarfile.open(fileobj=target, mode="w:gz") as tar,
    ):
        for member in source:
            if left_out not in member.name:
                tar.addfile(member, source.extractfile(member) if member.isfile() else None)
    changed = uri.replace("/output/", f"/without-{uuid4().hex}/output/")
    storage.put(changed, target.getvalue())
    return changed, hashlib.sha256(target.getvalue()).hexdigest()


def _pending(request: dict[str, Any]) -> None:
    request["ModelApprovalStatus"] = "PendingManualApproval"


def _other_image(request: dict[str, Any]) -> None:
    container(request)["Image"] = container(request)["Image"].replace("3.2-0", "3.0-5")


def _of_an_earlier_version(request: dict[str, Any]) -> None:
    del request["CustomerMetadataProperties"][registry.MODEL_DIGEST]


def _changed_archive(request: dict[str, Any]) -> None:
    container(request)["ModelDataUrl"] = repacked(container(request)["ModelDataUrl"], "baseline.json")[0]


def _without(part: str) -> Change:
    def change(request: dict[str, Any]) -> None:
        uri, digest = repacked(container(request)["ModelDataUrl"], part)
        container(request)["ModelDataUrl"] = uri
        request["CustomerMetadataProperties"][registry.MODEL_DIGEST] = digest

    return change


def _no_archive(request: dict[str, Any]) -> None:
    container(request)["ModelDataUrl"] += ".gone"


def _no_split(request: dict[str, Any]) -> None:
    request["CustomerMetadataProperties"][registry.SPLIT] += "0"


def _changed_split(request: dict[str, Any]) -> None:
    facts = request["CustomerMetadataProperties"]
    copied = facts[registry.SPLIT] + uuid4().hex
    for name in (
        "manifest.json",
        "contract/contract.json",
        "train/part-00000.parquet",
        "validation/part-00000.parquet",
    ):
        storage.put(f"{copied}/{name}", storage.get(f"{facts[registry.SPLIT]}/{name}"))
    storage.put(
        f"{copied}/test/part-00000.parquet", storage.get(f"{facts[registry.SPLIT]}/validation/part-00000.parquet")
    )
    facts[registry.SPLIT] = copied


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_pending, "expected a version that is Approved in its own environment, found PendingManualApproval"),
        (_other_image, "expected a model of the image sagemaker-xgboost:3.2-0, .* found sagemaker-xgboost:3.0-5"),
        (_of_an_earlier_version, "expected the metadata model_sha256, found none"),
        (_changed_archive, "expected the archive that was registered, with SHA-256"),
        (_without("wheels/"), "expected the wheels of its requirements in code/wheels/, found none"),
        (_without("inference.py"), "expected code/inference.py in the archive"),
        (_without("contract.json"), "expected a model.tar.gz with a contract.json, found none"),
        (_no_archive, "expected the files of the model, found none"),
        (_no_split, "expected the split that the model was trained on"),
        (_changed_split, "rows or manifest were changed"),
    ],
)  # fmt: skip
def test_a_model_that_is_not_what_was_approved_is_refused_before_anything_is_written(
    trained: LifecycleRun, case: UseCase, other: Environment, change: Change, expected: str
) -> None:
    arn = variant(trained, change)
    with within(other), pytest.raises((GateError, MissingInput), match=expected):
        promote(case, arn, approved=True)
    assert (other.objects(), other.versions()) == ([], [])


def differs(case: UseCase, **changes: Any) -> UseCase:
    return UseCase.model_validate({**case.model_dump(mode="json", exclude_none=True, exclude_defaults=True), **changes})


def test_a_model_of_another_contract_is_refused_and_the_differences_are_named(
    trained: LifecycleRun, case: UseCase, other: Environment
) -> None:
    columns = case.model_dump(mode="json", exclude_none=True, exclude_defaults=True)["columns"]
    columns["age"]["maximum"] = 99
    fewer = differs(case, features=["age", "sweet_tooth", "favourite_fruit"], columns=columns)
    with within(other), pytest.raises(GateError) as refused:
        promote(fewer, trained.release.model_package_arn, approved=True)
    assert "features age, sweet_tooth, favourite_fruit, drinks_coffee instead of age, sweet_tooth" in str(refused.value)
    assert "feature age: maximum 25.0 instead of 99.0" in str(refused.value)
    columns["flavour"]["categories"] = ["lemon", "chocolate", "strawberry"]
    target = {**content("cake_popularity")["target"], "classes": columns["flavour"]["categories"]}
    with within(other), pytest.raises(GateError, match=r"classes \['chocolate', 'lemon', .* instead of \['lemon'"):
        promote(differs(case, target=target, columns=columns), trained.release.model_package_arn, approved=True)
    assert (other.objects(), other.versions()) == ([], [])


def test_a_model_has_to_pass_the_gates_of_the_environment_that_receives_it(
    trained: LifecycleRun, case: UseCase, other: Environment
) -> None:
    strict = differs(case, evaluation={"primary": "f1", "gates": [{"metric": "f1", "at_least": 0.999}]})
    with (
        within(other),
        pytest.raises(GateError, match="passes the gates of this environment: f1 ≥ 0"),
    ):
        promote(strict, trained.release.model_package_arn, approved=True)
    assert (other.objects(), other.versions()) == ([], [])


def test_an_arn_of_something_else_is_refused(
    trained: LifecycleRun, case: UseCase, file: str, other: Environment, command: Command
) -> None:
    arn = trained.release.model_package_arn
    cases: list[tuple[str, type[VishwaOpsError], str]] = [
        ("student-grades/3", ConfigError, "expected the ARN of a version"),
        (arn.replace(case.slug, "student-grades"), ConfigError, f"expected a version of {case.slug}"),
        (arn.replace("us-east-1", "eu-west-1"), ConfigError, "expected a version in us-east-1"),
        (registry.sibling(arn, 4711), MissingInput, "expected a model package, found none"),
    ]
    for given, error, expected in cases:
        with within(other), pytest.raises(error, match=expected):
            promote(case, given, approved=False)
    status, output = command("promote", "--use-case", file, "--from", arn)
    assert (status, "expected a version of another environment, found one of offline itself" in output) == (1, True)
    assert other.objects() == []
