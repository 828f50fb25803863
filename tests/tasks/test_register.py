"""The steps of register, each of which may be repeated after a crash."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from config.use_case import UseCase
from tasks import champion, clients, plots, storage
from tasks.experiments import tracking
from tasks.experiments.runs import PARENT
from tasks.platform import platform
from tasks.references import DataSplit, ModelEvaluation, TrainedModels
from tasks.register import approve, promote, register_package, track
from tasks.sagemaker import registry
from tests.tasks.experiments.test_tracking import mlflow_client
from tests.tasks.releases import new_evaluation, new_model, new_release, new_split, new_use_case, of_split, take_steps
from tests.use_cases import small_use_case

Evaluated = tuple[UseCase, DataSplit, TrainedModels, ModelEvaluation]


@pytest.fixture
def evaluated(bucket: str) -> Evaluated:
    """Two models of one split, the better of which is good enough."""
    case = new_use_case()
    split = new_split(case)
    models = of_split(split, new_model(case, split), new_model(case, split))
    return case, split, models, new_evaluation(case, models.models[0], 0.8)


def packages(case: UseCase) -> list[dict[str, Any]]:
    group = platform().model_package_group(case.name)
    return [registry.describe_package(found["ModelPackageArn"]) for found in registry.newest_packages(group)]


def runs(case: UseCase) -> list[Any]:
    """The MLflow runs of a use case that are not nested."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=tracking.tracking_uri())
    experiment = client.get_experiment_by_name(case.name)
    assert experiment
    found = client.search_runs([experiment.experiment_id])
    return [run for run in found if PARENT not in run.data.tags]


def test_a_run_repeated_after_a_crash_between_any_two_steps_has_one_mlflow_run_one_version_and_the_same_release(
    evaluated: Evaluated,
) -> None:
    case, split, models, evaluation = evaluated
    run = track.fn(case, split, models, evaluation)  # killed here, or after any of the next
    assert track.fn(case, split, models, evaluation) == run
    arn = register_package.fn(case, split, evaluation, run)
    assert register_package.fn(case, split, evaluation, track.fn(case, split, models, evaluation)) == arn
    approval = approve.fn(case, evaluation, run, arn)
    assert approve.fn(case, evaluation, run, arn) == approval
    release = promote.fn(case, evaluation, approval)
    assert take_steps(case, split, models, evaluation) == release
    assert [package["ModelPackageVersion"] for package in packages(case)] == [1]
    assert [run.info.run_id for run in runs(case)] == [release.mlflow_run_id]


def test_a_package_waits_for_approval_until_the_decision_and_knows_where_it_comes_from(evaluated: Evaluated) -> None:
    case, split, models, evaluation = evaluated
    run = track.fn(case, split, models, evaluation)
    arn = register_package.fn(case, split, evaluation, run)
    package = registry.describe_package(arn)
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    facts = registry.facts_of(package)
    assert (facts["mlflow_run_id"], facts["split_digest"], facts["metric"], facts["value"]) == (
        run, split.digest, "roc_auc", "0.8000",
    )  # fmt: skip
    assert approve.fn(case, evaluation, run, arn).approved
    package = registry.describe_package(arn)
    assert (package["ModelApprovalStatus"], package["ApprovalDescription"]) == ("Approved", "passes every gate")
    assert runs(case)[0].data.tags["model_package_arn"] == arn


def test_mlflow_gets_no_plot_of_single_rows_when_the_target_is_a_sensitive_column(bucket: str) -> None:
    columns = small_use_case().model_dump()["columns"]
    columns["passed"]["sensitive"] = True
    case = new_use_case(columns=columns)
    split = new_split(case)
    model = new_model(case, split)
    evaluation = new_evaluation(case, model, 0.8)
    drawn = {"ROC": "<svg/>", "predictions": "<svg/>", "residuals": "<svg/>"}
    storage.put_json(f"{evaluation.uri.rpartition('/')[0]}/{plots.PLOTS}", drawn)
    run = track.fn(case, split, of_split(split, model), evaluation)
    assert [file.path for file in mlflow_client().list_artifacts(run, "plots")] == ["plots/ROC.svg"]


def test_a_decision_is_one_change_of_the_package_and_a_repeated_run_makes_none(evaluated: Evaluated) -> None:
    case, split, models, evaluation = evaluated
    changes: list[str] = []
    clients.sagemaker().meta.events.register(
        "before-call.sagemaker.UpdateModelPackage", lambda **_: changes.append("update"), unique_id="changes"
    )
    try:
        take_steps(case, split, models, evaluation)
        assert changes == ["update"]
        take_steps(case, split, models, evaluation)
        assert changes == ["update"]
    finally:
        clients.sagemaker().meta.events.unregister("before-call.sagemaker.UpdateModelPackage", unique_id="changes")


def test_another_evaluation_of_the_same_model_is_another_version(evaluated: Evaluated) -> None:
    case, split, models, evaluation = evaluated
    take_steps(case, split, models, evaluation)
    release = take_steps(case, split, models, new_evaluation(case, models.models[0], 0.81))
    assert (release.version, release.approved) == (2, True)
    assert release.reasons == ("not promoted: the champion, version 1, is the same model",)


def test_a_model_that_fails_a_gate_is_rejected_and_the_champion_stays(evaluated: Evaluated) -> None:
    case, split, models, evaluation = evaluated
    first = take_steps(case, split, models, evaluation)
    release = new_release(case, 0.55, champion.read(case))
    assert not release.approved
    assert release.reasons[0] == "roc_auc ≥ 0.6: found 0.5500"
    assert release.champion_arn == first.model_package_arn
    assert packages(case)[0]["ModelApprovalStatus"] == "Rejected"


def test_a_persons_rejection_is_respected(evaluated: Evaluated) -> None:
    case, split, models, evaluation = evaluated
    run = track.fn(case, split, models, evaluation)
    arn = register_package.fn(case, split, evaluation, run)
    person_sets(arn, "Rejected", "unfair to evening students")
    release = take_steps(case, split, models, evaluation)
    assert (release.approved, release.champion_arn) == (False, None)
    assert release.reasons == ("a person has set Rejected: unfair to evening students",)
    assert packages(case)[0]["ApprovalDescription"] == "unfair to evening students"


def test_a_persons_rejection_after_the_approval_is_respected(evaluated: Evaluated) -> None:
    case, split, models, evaluation = evaluated
    take_steps(case, split, models, evaluation)
    for status in ("Rejected", "PendingManualApproval"):
        person_sets(packages(case)[0]["ModelPackageArn"], status, "a second look")
        release = take_steps(case, split, models, evaluation)
        assert (release.approved, release.reasons) == (False, (f"a person has set {status}: a second look",))


def test_a_person_may_approve_what_the_rules_reject(evaluated: Evaluated) -> None:
    case, split, models, _ = evaluated
    poor = new_evaluation(case, models.models[0], 0.55)
    rejected = take_steps(case, split, models, poor)
    assert (rejected.approved, rejected.champion_arn) == (False, None)
    person_sets(rejected.model_package_arn, "Approved", "good enough for the pilot")
    release = take_steps(case, split, models, poor)
    assert (release.approved, release.champion_arn) == (True, rejected.model_package_arn)
    now = champion.read(case)
    assert now
    assert release.reasons == (now.reason,) == ("a person has set Approved: good enough for the pilot",)


def person_sets(arn: str, status: Any, reason: str) -> None:
    clients.sagemaker().update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=reason
    )


def test_a_decision_follows_the_rules_when_they_change(evaluated: Evaluated) -> None:
    case, split, models, evaluation = evaluated
    assert take_steps(case, split, models, evaluation).approved
    gates = {"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.85}]}
    stricter = case.model_copy(update={"evaluation": type(case.evaluation).model_validate(gates)})
    release = take_steps(stricter, split, models, evaluation)
    assert (release.version, release.approved) == (1, False)
    assert packages(case)[0]["ModelApprovalStatus"] == "Rejected"


def test_concurrent_threads_register_one_version_of_an_evaluation(evaluated: Evaluated) -> None:
    case, split, _, evaluation = evaluated
    with ThreadPoolExecutor() as threads:
        found = set(threads.map(lambda _: register_package.fn(case, split, evaluation, "run"), range(4)))
    assert found == {package["ModelPackageArn"] for package in packages(case)}
    assert len(found) == 1


def test_two_concurrent_runs_register_one_mlflow_run_and_one_version(evaluated: Evaluated) -> None:
    case, *_ = evaluated
    with ThreadPoolExecutor() as threads:
        first, second = threads.map(lambda _: take_steps(*evaluated), range(2))
    assert first == second
    assert [package["ModelPackageVersion"] for package in packages(case)] == [1]
    assert [run.info.run_id for run in runs(case)] == [first.mlflow_run_id]


def test_without_a_tracking_server_a_version_is_registered_and_refers_to_no_run(
    evaluated: Evaluated, aws: None
) -> None:
    case, split, models, evaluation = evaluated
    release = take_steps(case, split, models, evaluation)
    (package,) = packages(case)
    assert (release.approved, release.mlflow_run_id) == (True, None)
    assert "mlflow_run_id" not in registry.facts_of(package)
    assert registry.facts_of(package)["value"] == "0.8000"
