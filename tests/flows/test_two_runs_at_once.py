"""Two concurrent lifecycles of one use case, one of them on other data: their records do not mix."""

import re

import boto3
import pytest

from config.sources import SurveySource
from flows.stages import NAMES
from tasks import run_records
from tasks.references import LifecycleRun
from tasks.sources.synthetic_survey import cake_survey
from tests.patience import PATIENCE
from tests.resilience.endings import ONE_CANDIDATE, case_of, start

pytestmark = pytest.mark.starts_first
NAME = "cake_twice"


@pytest.fixture(scope="module")
def runs(prefect: str, tmp_path_factory: pytest.TempPathFactory) -> list[LifecycleRun]:
    """The two runs, by their records."""
    folder = tmp_path_factory.mktemp("twice")
    path, case = case_of(folder, NAME, candidates=ONE_CANDIDATE)
    other = folder / "other.csv"
    cake_survey(SurveySource(kind="synthetic_survey", respondents=500, seed=12)).to_csv(other, index=False)
    processes = [start(path), start(path, "--source", str(other))]
    outputs = [process.communicate(timeout=PATIENCE)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    return [
        LifecycleRun(
            use_case=case.name,
            run=run,
            started=run_records.read_run(case.name, run).started,
            records=tuple(run_records.records_of(case.name, run, NAMES)),
        )
        for run in run_records.runs(case.name)
    ]


def test_each_run_has_a_record_of_every_stage_made_from_its_own_records(runs: list[LifecycleRun]) -> None:
    assert len(runs) == 2
    for run in runs:
        assert [record.stage for record in run.records] == list(NAMES)
        for record in run.records:
            assert all(f"/runs/{run.run}/" in uri for uri in record.upstream.values()), record
            assert list(record.upstream) == list(NAMES[: NAMES.index(record.stage)])


def test_each_run_has_its_own_data(runs: list[LifecycleRun]) -> None:
    assert {run.dataset.rows for run in runs} == {600, 500}
    for run in runs:
        assert run.validated.dataset == run.dataset
        assert run.split.dataset_digest == run.dataset.digest


def test_every_model_was_judged_on_the_rows_of_its_own_split(runs: list[LifecycleRun]) -> None:
    sagemaker = boto3.client("sagemaker", region_name="us-east-1")
    for run in runs:
        assert {model.split_digest for model in run.models} == {run.split.digest} == {run.evaluation.split_digest}
        assert run.evaluation.model in run.models
        job = sagemaker.describe_processing_job(ProcessingJobName=run.evaluation.job_name)
        inputs = {each["InputName"]: each["S3Input"]["S3Uri"] for each in job["ProcessingInputs"]}
        assert inputs["test"].startswith(run.split.test_uri)
        assert inputs["challenger"] == run.evaluation.model.model_uri
    assert runs[0].split.digest != runs[1].split.digest


def test_both_runs_serve_one_champion(runs: list[LifecycleRun]) -> None:
    champions = {run.release.model_package_arn for run in runs if run.release.approved}
    endpoint = boto3.client("sagemaker", region_name="us-east-1").describe_endpoint(EndpointName=NAME.replace("_", "-"))
    assert endpoint["EndpointStatus"] == "InService"
    served = re.search(r"-v([0-9]+)-[0-9a-f]+$", endpoint["EndpointConfigName"])
    assert served
    assert served[1] in {arn.rsplit("/", 1)[1] for arn in champions}
