import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import psutil
import pytest
from prefect import flow

from config.candidates import METRICS
from config.errors import MissingInput
from config.metrics import OF_EACH_USE_CASE
from config.training import Training
from config.use_case import load_use_case
from flows.compound_stages import train
from flows.lifecycle import lifecycle, stage
from flows.retraining import retrain
from flows.session.prefect_server import ADDRESS
from flows.stages import NAMES
from tasks import locations, plots, run_records, storage
from tasks.landing import versions
from tasks.open_lineage.datasets import Name, name_of, source_name
from tasks.open_lineage.events import FILE, run_id
from tasks.platform import platform
from tasks.references import Deployment, LifecycleRun, TrainedModels
from tasks.refit import refit
from tasks.retraining import history
from tasks.retraining.history import Cause
from tasks.sagemaker.registry import describe_package
from tasks.step_results import FLOW
from tests.browser import rendered
from tests.flows.conftest import Command, start
from tests.patience import PATIENCE
from tests.sagemaker_local.support import everything

pytestmark = pytest.mark.starts_first(seconds=90)
CASE = "cake_popularity"


@pytest.fixture(scope="module")
def run(prefect: str) -> LifecycleRun:
    """One lifecycle of the small use case. The tests of this file check its outputs."""
    return lifecycle(CASE)


def test_every_stage_has_the_expected_output(run: LifecycleRun) -> None:
    assert [record.stage for record in run.records] == [
        "ingest", "validate", "split", "train", "evaluate", "register", "deploy", "predict", "monitor",
    ]  # fmt: skip
    assert (run.dataset.rows, run.validated.quarantined) == (600, 0)
    assert {model.candidate for model in run.models} == {"logistic", "xgboost"}
    assert run.evaluation.metrics["f1"] > 0.5 > run.evaluation.baseline["f1"]
    assert run.release.approved
    assert run.drift
    assert run.drift.verdict == "stable"


def test_lineage_leads_from_the_source_to_the_model_and_its_endpoint(run: LifecycleRun) -> None:
    own = str(run_id(CASE, run.run))
    events = [json.loads(line) for line in FILE.read_text().splitlines()]
    completed = [
        event
        for event in events
        if event["run"]["facets"]["parent"]["run"]["runId"] == own and event["eventType"] == "COMPLETE"
    ]
    assert [event["job"]["name"].partition(".")[2] for event in completed] == [r.stage for r in run.records]
    reached = {source_name(run.dataset.source)}
    for event in completed:
        if reached & {Name(each["namespace"], each["name"]) for each in event["inputs"]}:
            reached |= {Name(each["namespace"], each["name"]) for each in event["outputs"]}
    assert {name_of(run.release.model_package_arn), name_of(run.deployment.endpoint_arn)} <= reached


def test_the_training_job_really_trained_and_any_client_can_describe_it(run: LifecycleRun) -> None:
    client = boto3.client("sagemaker", region_name="us-east-1")
    job = client.describe_training_job(TrainingJobName=run.models[0].job_name)
    assert job["TrainingJobStatus"] == "Completed"
    assert {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]} == pytest.approx(run.models[0].metrics)
    listed = everything(client, "list_training_jobs", NameContains="cake-popularity")
    assert {model.job_name for model in run.models} <= {summary["TrainingJobName"] for summary in listed}

    logs = boto3.client("logs", region_name="us-east-1")
    group = "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=job["TrainingJobName"])["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=streams[0]["logStreamName"])["events"]
    assert any("validation:f1=" in event["message"] for event in events)


def test_the_plain_aws_command_line_lists_describes_and_invokes(run: LifecycleRun, tmp_path: Path) -> None:
    def aws(*arguments: str) -> str:
        done = subprocess.run(
            [Path(sys.executable).with_name("aws"), *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout

    jobs = json.loads(aws("sagemaker", "list-training-jobs", "--name-contains", "cake-popularity"))
    assert jobs["TrainingJobSummaries"][0]["TrainingJobStatus"] == "Completed"
    assert "InService" in aws("sagemaker", "list-endpoints", "--name-contains", "cake-popularity")
    (tmp_path / "body.json").write_text(
        '[{"age": 15, "sweet_tooth": 2, "favourite_fruit": "lemon", "drinks_coffee": "no"}]'
    )
    aws(
        "sagemaker-runtime", "invoke-endpoint", "--endpoint-name", "cake-popularity",
        "--content-type", "application/json", "--body", f"fileb://{tmp_path}/body.json", str(tmp_path / "answer"),
    )  # fmt: skip
    answer = json.loads((tmp_path / "answer").read_text())["predictions"][0]
    assert answer["prediction"] == "lemon"
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        ('[{"age": 15, "sweet_tooth": 9, "favourite_fruit": "kiwi", "drinks_coffee": "no"}]', "application/json", 400,
         ["sweet_tooth", "a whole number from 1 to 5", "'kiwi'"]),
        ("age,sweet_tooth\n15,2\n", "text/csv", 400, ["favourite_fruit", "nothing"]),
        ("{", "application/json", 400, ["expected JSON"]),
        ("[]", "application/json", 400, ["at least one"]),
        ("a", "image/png", 415, ["expected one of application/json, ", "found 'image/png'"]),
    ],
)  # fmt: skip
def test_a_bad_row_gets_a_clear_4xx_and_the_endpoint_stays_in_service(
    run: LifecycleRun, body: str, kind: str, status: int, said: list[str]
) -> None:
    runtime = boto3.client("sagemaker-runtime", region_name="us-east-1")
    with pytest.raises(runtime.exceptions.ModelError) as refused:
        runtime.invoke_endpoint(EndpointName="cake-popularity", ContentType=kind, Body=body)
    answer: dict[str, Any] = dict(refused.value.response)
    assert answer["OriginalStatusCode"] == status
    for words in said:
        assert words in str(list(json.loads(answer["OriginalMessage"].split("\n")[0]).values()))
    rows = "age,sweet_tooth,favourite_fruit,drinks_coffee\n15,5,banana,yes\n"
    scored = runtime.invoke_endpoint(
        EndpointName="cake-popularity", ContentType="text/csv", Accept="text/csv", Body=rows
    )
    assert scored["Body"].read().decode().split(",")[0] == "chocolate"


def test_profiles_and_pages_contain_no_sensitive_value(run: LifecycleRun) -> None:
    assert run.drift
    assert "pocket_money" not in {drift.feature for drift in run.drift.features}
    assert b"pocket_money" not in storage.get(run.drift.reference_profile_uri)
    assert run.page
    assert "pocket_money" not in Path(run.page).read_text()


def test_the_page_is_one_file_with_nothing_to_fetch(run: LifecycleRun) -> None:
    assert run.page
    page = Path(run.page).read_text()
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert page.count("data:image/svg+xml;base64,") == len(plots.stored(run.evaluation)) >= 7
    for word in ("Which cake pop flavour", run.release.model_package_arn, run.dataset.digest, "logistic", "stable"):
        assert word in page


@pytest.mark.parametrize("width", [1100, 420])
def test_a_browser_shows_the_page_with_its_plots_and_nothing_sticks_out(
    run: LifecycleRun, tmp_path: Path, width: int
) -> None:
    assert run.page
    probe = """<script>addEventListener("load", () => {
      const plots = [...document.images].filter(image => image.naturalWidth > 0).length
      const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth
      document.title = `${plots} plots, ${wide ? "sticks out" : "fits"}`
    })</script>"""
    (tmp_path / "page.html").write_text(
        Path(run.page).read_text().replace('http-equiv="Content-Security-Policy"', "") + probe
    )
    title = f"<title>{len(plots.stored(run.evaluation))} plots, fits</title>"
    assert title in rendered(tmp_path / "page.html", tmp_path / "profile", width)


def test_the_registered_package_and_the_mlflow_run_know_each_other(run: LifecycleRun) -> None:
    from mlflow import MlflowClient

    from tasks.experiments.tracking import tracking_uri

    package = describe_package(run.release.model_package_arn)
    assert package["ModelApprovalStatus"] == "Approved"
    assert package["CustomerMetadataProperties"]["mlflow_run_id"] == run.release.mlflow_run_id
    assert package["CustomerMetadataProperties"]["dataset_digest"] == run.dataset.digest
    logged = MlflowClient(tracking_uri()).get_run(str(run.release.mlflow_run_id))
    assert logged.data.tags["model_package_arn"] == run.release.model_package_arn
    assert logged.data.tags["training_job_arn"] == run.evaluation.model.job_arn
    assert logged.data.tags["flow_run"] != "none"
    assert logged.data.metrics["test_f1"] == pytest.approx(run.evaluation.metrics["f1"])


def test_the_winner_is_refitted_on_both_parts_and_the_refit_is_evaluated_and_served(run: LifecycleRun) -> None:
    trained = run.left(TrainedModels)
    winner = next(model for model in trained.candidates if model.candidate == trained.winner)
    assert trained.refitted
    assert (trained.refitted.refit_of, trained.refitted.candidate) == (winner.job_name, winner.candidate)
    assert run.evaluation.model == trained.refitted
    assert (
        describe_package(run.release.model_package_arn)["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
        == trained.refitted.model_uri
    )
    client = boto3.client("sagemaker", region_name="us-east-1")
    job = client.describe_training_job(TrainingJobName=trained.refitted.job_name)
    channels = {each["ChannelName"]: each["DataSource"]["S3DataSource"]["S3Uri"] for each in job["InputDataConfig"]}
    assert channels["selected"] == winner.model_uri
    assert {"train", "validation", "contract", "settings"} < set(channels)
    assert set(trained.refitted.metrics) == {f"train:{name}" for name in METRICS["multiclass"]}


def test_a_refit_that_is_repeated_reuses_its_job(run: LifecycleRun) -> None:
    trained, case = run.left(TrainedModels), load_use_case(CASE)
    winner = next(model for model in trained.candidates if model.candidate == trained.winner)
    assert refit.fn(case, run.split, winner) == trained.refitted


def test_without_a_refit_the_winner_itself_is_evaluated_and_no_candidate_is_trained_again(run: LifecycleRun) -> None:
    case = load_use_case(CASE)
    plain = case.model_copy(update={"training": Training(refit=False)})

    @flow(**FLOW)
    def train_again() -> TrainedModels:
        return train(plain, run.split)

    trained = train_again()
    assert trained.refitted is None
    assert trained.models == run.left(TrainedModels).candidates
    assert trained.final == next(model for model in trained.models if model.candidate == trained.winner)


def test_the_stage_monitor_stores_what_live_traffic_is_compared_with(run: LifecycleRun) -> None:
    folder = f"{locations.root(run.use_case, 'monitoring')}/profiles/models"
    stored = {name: storage.get(f"{folder}/{name}") for name in storage.names(folder)}
    versions = {json.loads(content)["version"] for name, content in stored.items() if name.endswith("manifest.json")}
    assert run.release.model_package_arn in versions
    profiles = [content for name, content in stored.items() if name.endswith("profile.json")]
    assert all(b"prediction" in profile and b"pocket_money" not in profile for profile in profiles)


def test_every_metric_that_an_alarm_watches_is_written(run: LifecycleRun) -> None:
    cloudwatch = boto3.client("cloudwatch", region_name="us-east-1")
    listed = cloudwatch.list_metrics(Namespace=platform().metric_namespace)["Metrics"]
    written = {(m["MetricName"], frozenset(d["Name"] for d in m["Dimensions"])) for m in listed}
    watched = {
        (alarm["MetricName"], frozenset(dimension["Name"] for dimension in alarm["Dimensions"]))
        for alarm in cloudwatch.describe_alarms()["MetricAlarms"]
        if alarm["Namespace"] == platform().metric_namespace
    }
    assert {name for name, _ in watched} == {"MaximumPSI", "PrimaryMetric", "ScoredRows"}
    assert watched <= written
    assert {(name, frozenset({"UseCase"})) for name in OF_EACH_USE_CASE} <= written


def test_the_endpoints_quality_is_that_of_the_evaluated_model(run: LifecycleRun) -> None:
    assert run.predictions
    assert run.predictions.quality == pytest.approx(run.evaluation.metrics["f1"])


def test_jobs_run_in_the_use_cases_role_and_key_inside_the_vpc(run: LifecycleRun) -> None:
    client = boto3.client("sagemaker", region_name="us-east-1")
    job = client.describe_training_job(TrainingJobName=run.models[0].job_name)
    network = platform().network
    assert network
    assert job["RoleArn"] == platform().role("job", CASE)
    assert job["OutputDataConfig"]["KmsKeyId"] == job["ResourceConfig"]["VolumeKmsKeyId"] == platform().data_key
    assert job["VpcConfig"]["Subnets"] == list(network.subnets)
    processing = client.describe_processing_job(ProcessingJobName=run.evaluation.job_name)
    assert processing["RoleArn"] == platform().role("job", CASE)
    assert processing["NetworkConfig"]["VpcConfig"]["SecurityGroupIds"] == list(network.security_groups)
    name = client.describe_endpoint(EndpointName="cake-popularity")["EndpointConfigName"]
    model = client.describe_model(ModelName=name)
    assert model["ExecutionRoleArn"] == platform().role("endpoint", CASE)
    assert "VpcConfig" not in model  # the endpoint is serverless
    config = client.describe_endpoint_config(EndpointConfigName=name)
    assert config["KmsKeyId"] == platform().data_key
    assert "ServerlessConfig" in config["ProductionVariants"][0]


def test_single_stages_read_the_latest_outputs_and_an_equal_challenger_is_rejected(run: LifecycleRun) -> None:
    for record in run.records:
        left, again = record.reference, stage(record.stage, CASE).reference
        if isinstance(left, Deployment):
            left = left.model_copy(update={"changed": False})
        if isinstance(left, TrainedModels) and isinstance(again, TrainedModels):
            left = left.model_copy(update={"planned": again.planned})  # by the durations of the latest run
        assert again == left


def test_the_error_for_a_missing_stage_names_the_command_to_run(prefect: str) -> None:
    with pytest.raises(
        MissingInput,
        match=r"student_grades: expected the output of ingest; found none: .* \(vishwaops run lifecycle\) or only",
    ):
        stage("validate", "student_grades")


def test_predict_scores_a_file_of_new_rows(run: LifecycleRun, command: Command, tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {"age": [15, 16], "sweet_tooth": [5, 1], "favourite_fruit": ["banana", "lemon"], "drinks_coffee": ["yes", "no"]}
    )
    rows.to_csv(tmp_path / "rows.csv", index=False)
    status, output = command(
        "predict", "--use-case", CASE, "--input", f"{tmp_path}/rows.csv", "--output", f"{tmp_path}/out.csv"
    )
    assert (status, "2 predictions" in output) == (0, True)
    assert pd.read_csv(tmp_path / "out.csv")["prediction"].tolist() == ["chocolate", "lemon"]

    rows.assign(sweet_tooth=[5, 7]).to_csv(tmp_path / "bad.csv", index=False)
    status, output = command("predict", "--use-case", CASE, "--input", f"{tmp_path}/bad.csv")
    assert (status, "1 row(s) in quarantine" in output) == (0, True)
    assert "sweet_tooth: expected a whole number from 1 to 5, found '7'" in output

    rows.assign(sweet_tooth=[6, 7]).to_csv(tmp_path / "bad.csv", index=False)
    status, output = command("predict", "--use-case", CASE, "--input", f"{tmp_path}/bad.csv")
    assert (status, "found none among 2" in output) == (1, True)


@pytest.mark.usefixtures("own_prefect")
def test_a_killed_flow_publishes_nothing_incomplete_and_can_run_again(
    run: LifecycleRun, command: Command, monkeypatch: pytest.MonkeyPatch, prefect: str
) -> None:
    before = {kind: storage.versions(f"{locations.root(CASE)}/{kind}") for kind in ("validated", "splits")}
    process = start("run", "lifecycle", "--use-case", CASE, "--fresh")
    assert process.stdout
    for line in process.stdout:
        if "xgboost" in line and "starts" in line:
            break
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    assert children, "a Prefect server of its own"
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []
    assert {kind: storage.versions(f"{locations.root(CASE)}/{kind}") for kind in before} == before

    monkeypatch.setenv(ADDRESS, prefect)
    status, output = command("run", "lifecycle", "--use-case", CASE)
    assert status == 0, output
    assert f"version {run.release.version}: approved" in output
    assert [version.digest for version in versions.versions(CASE)] == [run.dataset.digest]


def test_a_retraining_on_the_rows_of_the_champion_ends_before_it_trains(run: LifecycleRun) -> None:
    found = retrain(CASE)
    assert (found.outcome, found.trained, found.champion) == ("nothing new", None, run.release.version)
    assert found.why[0].endswith(f"was trained on the same rows: version {run.dataset.digest} of the dataset")


def test_a_retraining_that_was_killed_while_it_trained_completes_and_its_page_says_why_it_ran(
    run: LifecycleRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = datetime.now(UTC) - timedelta(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(history, "host", lambda: "a machine that was turned off")
        cause = Cause("event", "estimated f1 is 0.2 worse", automatic=False)
        killed = history.update(history.begin(load_use_case(CASE), cause, now=before), trained=before)
    found = retrain(CASE, "another text", "event")
    assert (found.number, found.outcome, found.version) == (killed.number, "approved", run.release.version)
    records = run_records.records_of(CASE, str(found.run), NAMES)
    assert [record.stage for record in records if record.ran] == []  # nothing was trained again
    assert "Why it ran: estimated f1 is 0.2 worse" in storage.get(locations.page(CASE, str(found.run))).decode()
