"""MLflow shows each registered version and who is champion. It decides nothing."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

import pytest

from config import settings
from config.use_case import UseCase
from tasks import champion, storage
from tasks.experiments import tracking
from tasks.experiments.logged_models import ARN
from tasks.experiments.registered_models import mirror
from tasks.references import Release
from tasks.release.decision import decide
from tests.tasks.experiments.test_tracking import mlflow_client
from tests.tasks.model_card.cards import registered
from tests.tasks.release.conftest import releasing
from tests.tasks.releases import new_release, new_use_case


@pytest.fixture
def case(bucket: str) -> UseCase:
    return new_use_case()


def mirrored(case: UseCase, value: float = 0.8) -> Release:
    """Register a version, and mirror it."""
    release = registered(case, value)
    assert mirror(case, release.model_package_arn)
    return release


def versions(case: UseCase) -> dict[str, Any]:
    """MLflow's versions by the ARN of their package."""
    found = mlflow_client().search_model_versions(f"name = '{case.name}'")
    return {version.tags[ARN]: version for version in found}


def logged_model(case: UseCase, release: Release) -> Any:
    """The only logged model of a version."""
    client = mlflow_client()
    wanted = f"tags.`{ARN}` = '{release.model_package_arn}'"
    (found,) = client.search_logged_models([tracking.experiment(client, case.name)], wanted)
    return found


def aliases(case: UseCase) -> dict[str, str]:
    """The ARN of the package of each alias."""
    client = mlflow_client()
    by_version = {str(version.version): arn for arn, version in versions(case).items()}
    return {name: by_version[str(version)] for name, version in client.get_registered_model(case.name).aliases.items()}


def test_a_version_is_a_logged_model_with_signature_data_sets_and_metrics_and_without_weights(case: UseCase) -> None:
    from mlflow.models import Model

    release, client = mirrored(case), mlflow_client()
    version, model = versions(case)[release.model_package_arn], logged_model(case, release)
    assert json.loads(model.tags["mlflow.modelVersions"]) == [{"name": case.name, "version": version.version}]
    assert (version.source, version.run_id) == (model.artifact_location, release.mlflow_run_id)
    assert (str(model.status), model.source_run_id, model.model_type) == (
        "READY", release.mlflow_run_id, "logistic_regression",
    )  # fmt: skip
    folder = Path(url2pathname(model.artifact_location.removeprefix("file://")))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {"MLmodel", "card.html", "plots/ROC.svg"}
    signature = Model.load(str(folder / "MLmodel")).signature
    assert signature.inputs.input_names() == ["age", "colour"]
    assert [column.required for column in signature.inputs.inputs] == [True, False]
    assert [(metric.key, metric.value, metric.dataset_name) for metric in model.metrics] == [
        ("test_roc_auc", 0.8, f"{case.name} test")
    ]
    inputs = client.get_run(release.mlflow_run_id).inputs.dataset_inputs
    package = champion.read(case)
    assert package
    assert {(each.dataset.name, each.dataset.digest) for each in inputs} == {
        (f"{case.name} {part}", package.split.digest) for part in ("train", "validation", "test")
    }
    assert version.tags["model_uri"] == package.model_uri
    assert (folder / "card.html").read_bytes() == storage.get(str(release.card_uri))


def test_a_repeated_mirror_adds_nothing(case: UseCase) -> None:
    release = mirrored(case)
    assert mirror(case, release.model_package_arn)
    client = mlflow_client()
    assert len(client.search_model_versions(f"name = '{case.name}'")) == 1
    assert len(client.search_logged_models([tracking.experiment(client, case.name)])) == 1
    history = client.get_metric_history(release.mlflow_run_id, "test_roc_auc")
    assert len(history) == 1


def test_a_mirror_writes_nothing_into_the_working_folder(
    case: UseCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow makes a `mlflow.db` there for a client without a tracking URI."""
    release = registered(case)
    monkeypatch.chdir(tmp_path)
    assert mirror(case, release.model_package_arn)
    assert list(tmp_path.iterdir()) == []


def test_a_mirror_that_was_interrupted_is_completed(case: UseCase) -> None:
    release = registered(case)
    client = mlflow_client()
    tag = {ARN: release.model_package_arn}
    begun = client.create_logged_model(tracking.experiment(client, case.name), "logistic-v1", tags=tag)
    assert mirror(case, release.model_package_arn)
    model = logged_model(case, release)
    assert (model.model_id, str(model.status)) == (begun.model_id, "READY")


def test_the_aliases_follow_the_champion_and_the_way_back(case: UseCase) -> None:
    first = mirrored(case)
    assert aliases(case) == {"champion": first.model_package_arn}
    second = mirrored(case, 0.85)
    assert aliases(case) == {"champion": second.model_package_arn}
    champion.move(case, 1, "rolled back")
    assert mirror(case)
    assert aliases(case) == {"champion": first.model_package_arn}  # the second is no challenger: it was champion


def test_a_version_that_waits_is_the_challenger_until_a_person_decides(bucket: str) -> None:
    case = releasing(new_use_case(), approval="manual")
    first = mirrored(case)
    assert aliases(case) == {"challenger": first.model_package_arn}
    decide(case, 1, approve=True, name="Ada", reason="it is fair")
    assert mirror(case, first.model_package_arn)
    assert aliases(case) == {"champion": first.model_package_arn}
    assert versions(case)[first.model_package_arn].tags["approval"] == "Approved"
    second = mirrored(case, 0.85)
    assert aliases(case)["challenger"] == second.model_package_arn
    decide(case, 2, approve=False, name="Ada", reason="unfair")
    assert mirror(case, second.model_package_arn)
    assert aliases(case) == {"champion": first.model_package_arn}


def test_a_version_without_a_card_is_not_mirrored(case: UseCase) -> None:
    release = new_release(case, 0.8)
    assert mirror(case, release.model_package_arn)
    assert versions(case) == {}


@pytest.fixture
def unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """MLflow's database is no database."""
    monkeypatch.setattr(settings, "STATE", tmp_path)
    tracking.folder().mkdir(parents=True)
    (tracking.folder() / "mlflow.db").write_text("no database" * 100)
    yield
    shutil.rmtree(tmp_path)


@pytest.mark.usefixtures("unreadable")
def test_a_failing_mlflow_is_logged_and_changes_nothing_of_the_release(
    bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    case = new_use_case()
    assert not mirror(case, "arn:aws:sagemaker:us-east-1:000000000000:model-package/any/1")
    assert "not mirrored" in caplog.text
    assert f"vishwaops run register --use-case {case.name}" in caplog.text
