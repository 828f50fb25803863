"""`vishwaops approve`, `lineage` and `reproduce`, with one lifecycle of a use case in a YAML file."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import Any

import pytest
import yaml

from config import profile
from config.use_case import UseCase, load_use_case
from flows.commands.main import main
from flows.stages import NAMES
from tasks import audit, clients, locations, run_records, storage
from tasks.audit.entries import decode
from tasks.lineage import walk
from tasks.lineage.predictions import PredictionId
from tasks.platform import platform
from tasks.references import LifecycleRun
from tasks.release.outcome import find_last
from tasks.reproduction import parts
from tasks.reproduction.record import Record, code_of, read_record
from tasks.reproduction.repeat import STATEMENT
from tasks.sagemaker import registry
from tasks.sagemaker.endpoints import find_endpoint
from tasks.sagemaker.job_kinds import TRAINING
from tasks.sagemaker.job_logs import find_line
from tests.flows.conftest import Command, log_as_it_was
from tests.use_cases import content

pytestmark = pytest.mark.starts_first(seconds=60)
NAME = "governed_cake"


@dataclass(frozen=True)
class Approval:
    """A lifecycle that ends before the deployment, a person's approval, and the lifecycle that continues."""

    ended: tuple[int, str]
    """The exit status of the first command `run lifecycle`, and its output."""
    served: bool
    """Whether there was an endpoint before the approval."""
    approved: int
    continued: tuple[int, str]
    first: str
    """The name of the first run, which ingested the rows."""
    run: LifecycleRun
    """The second run, by its records."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The use case's YAML file, with one candidate, its refit, and manual approval."""
    path, plain = tmp_path_factory.mktemp("case") / f"{NAME}.yaml", content("cake_popularity")
    own = {"name": NAME, "candidates": plain["candidates"][:1], "release": {"approval": "manual"}}
    path.write_text(yaml.safe_dump({**plain, **own}))
    return str(path)


@pytest.fixture(scope="module")
def approval(prefect: str, file: str) -> Iterator[Approval]:
    ended = printed("run", "lifecycle", "--use-case", file)
    endpoint = platform().endpoint(NAME)
    served = find_endpoint(endpoint) is not None
    approved = printed("approve", "--use-case", file, "--version", "1", "--reason", "fair", "--by", "Ada")
    continued = printed("run", "lifecycle", "--use-case", file)
    name, first = run_records.runs(NAME)  # newest first
    started, records = run_records.read_run(NAME, name).started, run_records.records_of(NAME, name, NAMES)
    run = LifecycleRun(use_case=NAME, run=name, started=started, records=tuple(records))
    yield Approval(ended, served, approved[0], continued, first, run)
    clients.sagemaker().delete_endpoint(EndpointName=endpoint)


def printed(*arguments: str) -> tuple[int, str]:
    """Run the command `vishwaops` in this process, for a fixture of the module. Returns its exit status and output."""
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, log_as_it_was(), redirect_stdout(output):
        patch.setenv(profile.VARIABLE, "offline")
        patch.setenv("PREFECT_LOGGING_LEVEL", "CRITICAL")
        return main(arguments), output.getvalue()


@pytest.fixture(scope="module")
def run(approval: Approval) -> LifecycleRun:
    return approval.run


@pytest.fixture(scope="module")
def case(run: LifecycleRun, file: str) -> UseCase:
    return load_use_case(file)


@pytest.fixture
def record(case: UseCase, run: LifecycleRun) -> Record:
    return read_record(case, registry.describe_package(run.release.model_package_arn))


def test_a_lifecycle_ends_before_the_deployment_and_a_later_one_continues(approval: Approval) -> None:
    status, output = approval.ended
    assert (status, "version 1 is pending: it passes every gate and waits" in output) == (0, True), output
    assert f"vishwaops approve --use-case {NAME} --version 1 --reason TEXT" in output
    assert not approval.served
    assert approval.approved == 0
    status, output = approval.continued
    assert (status, "serves version 1" in output, "reused" in output) == (0, True, True), output
    assert find_last(NAME)


def test_a_prediction_leads_to_the_digest_of_the_raw_rows_and_every_part_verifies(
    approval: Approval, run: LifecycleRun, file: str, command: Command
) -> None:
    folder = run.predictions.uri.split("/")[-2]
    status, output = command("lineage", "--use-case", file, "--prediction", f"{NAME}/{folder}/0", "--verify", "--json")
    assert status == 0, output
    tree = json.loads(output[output.index("{") :])
    found = {(link["what"], link["name"]): link for link in flat(tree)}
    for part in (
        ("model version", run.release.model_package_arn),
        ("training job (refit)", run.evaluation.model.job_arn),
        ("training job", run.candidates[0].job_arn),
        ("processing job", run.evaluation.job_arn),
        ("source", run.dataset.source),
        ("ingested by", f"run {approval.first}"),
    ):
        assert part in found
    for part in (
        ("predictions", run.predictions.uri),
        ("model", run.evaluation.model.model_uri),
        ("evaluation", run.evaluation.uri),
        ("split", run.split.digest),
        ("dataset version", run.dataset.digest),
    ):
        assert (part, found[part]["state"]) == (part, "verified")
    assert {link["state"] for (what, _), link in found.items() if what in ("signature", "code", "settings")} == {
        "verified"
    }
    assert {"register", "approve", "champion", "deploy"} <= {what for what, _ in found}
    assert tree["complete"]


def flat(link: dict[str, Any]) -> list[dict[str, Any]]:
    return [link, *(each for source in link["sources"] for each in flat(source))]


def test_a_version_and_a_run_have_the_same_lineage_and_an_unknown_row_is_named(
    case: UseCase, run: LifecycleRun, file: str, command: Command
) -> None:
    status, output = command("lineage", "--use-case", file, "--version", str(run.release.version))
    assert (status, "complete: " in output, run.dataset.digest in output) == (0, True, True)
    version = walk.of_arn(case, run.release.model_package_arn, verify=False)
    assert walk.of_run(case, run.run, verify=False).sources == (version,)
    folder = run.predictions.uri.split("/")[-2]
    status, output = command("lineage", "--use-case", file, "--prediction", f"{NAME}/{folder}/123456")
    assert (status, "expected a prediction for row 123456" in output) == (1, True)
    status, output = command("lineage", "--use-case", file, "--prediction", "row 3")
    assert (status, "expected an id <use case>/<predictions>/<row>" in output) == (1, True)
    assert command("lineage", "--use-case", file)[0] == 1


def test_a_changed_prediction_split_and_evaluation_are_found(case: UseCase, run: LifecycleRun) -> None:
    wanted = PredictionId(NAME, run.predictions.uri.split("/")[-2], 0)
    evaluation, predictions = storage.get(run.evaluation.uri), storage.get_parquet(run.predictions.uri)
    changed = {
        "predictions": (run.predictions.uri, storage.parquet(predictions.assign(prediction="lemon"))),
        "split": (f"{run.split.train_uri}/part-00000.parquet", storage.get(f"{run.split.test_uri}/part-00000.parquet")),
        "evaluation": (run.evaluation.uri, evaluation.replace(b'"metrics": {', b'"metrics": {"x": 1, ', 1)),
    }
    for what, (uri, body) in changed.items():
        before = storage.get(uri)
        storage.put(uri, body)
        try:
            broken = walk.of_prediction(case, wanted, verify=True).broken
        finally:
            storage.put(uri, before)
        assert [(link.what, link.state) for link in broken] == [(what, "differs")]


def test_the_log_of_a_job_says_whether_its_bytes_can_be_repeated(record: Record) -> None:
    for job in record.training:
        line = find_line(TRAINING, TRAINING.name(job), STATEMENT)
        assert line
        assert line.startswith("Reproducible with seed ")
    assert find_line(TRAINING, TRAINING.name(record.training[0]), re.compile("no such line")) is None
    assert find_line(TRAINING, "no-such-job", STATEMENT) is None


def test_each_missing_or_changed_part_is_named_before_a_job_starts(
    case: UseCase, run: LifecycleRun, record: Record, file: str, command: Command
) -> None:
    assert list(parts.problems(record)) == []
    job = {**record.training[-1], "AlgorithmSpecification": {"TrainingImage": "sagemaker-xgboost:1.0"}}
    assert [each.partition(":")[0] for each in parts.problems(replace(record, training=(job,)))] == ["image"]
    code = code_of(record.training[-1])
    assert code
    champion = [{"InputName": "champion", "S3Input": {"S3Uri": f"{locations.jobs(NAME)}/none/output/model.tar.gz"}}]
    compared = {**record.evaluation, "ProcessingInputs": [*record.evaluation["ProcessingInputs"], *champion]}
    assert [each.partition(":")[0] for each in parts.problems(replace(record, evaluation=compared))] == [
        "champion of the evaluation"
    ]
    begun = jobs()
    kept = {uri: storage.get(uri) for uri in (code, f"{record.split_uri}/{locations.MANIFEST}")}
    try:
        storage.delete([f"{record.split_uri}/{locations.MANIFEST}"])
        storage.delete([code])
        status, output = command("reproduce", "--use-case", file, "--version", str(record.version))
    finally:
        for uri, body in kept.items():
            storage.put(uri, body)
    said = " ".join(output.split())
    assert status == 1
    assert f"code: {code} is missing" in said
    assert f"split: {record.split_uri} has no manifest.json" in said
    assert jobs() == begun


def jobs() -> set[str]:
    """The names of the use case's training jobs."""
    pages = clients.sagemaker().get_paginator("list_training_jobs")
    found = pages.paginate(NameContains="governed-cake")
    return {job["TrainingJobName"] for page in found for job in page["TrainingJobSummaries"]}


def test_a_version_is_reproduced_by_the_same_jobs_and_nothing_moves(
    case: UseCase, run: LifecycleRun, record: Record, file: str, command: Command
) -> None:
    before, champion = jobs(), storage.get(locations.champion(NAME))
    status, output = command("reproduce", "--use-case", file, "--model", record.arn)
    said = " ".join(output.split())
    assert (status, "reproduced: " in said) == (0, True), output
    assert "files have the same bytes" in said
    assert "test:f1" in said
    assert "refit train:f1" in said
    new = [TRAINING.find(name) for name in sorted(jobs() - before)]
    assert len(new) == len(record.training) == 2
    for job in new:
        assert job
        assert job["HyperParameters"] in [each["HyperParameters"] for each in record.training]
    assert storage.get(locations.champion(NAME)) == champion
    assert len(registry.newest_packages(case.slug)) == 1
    last = decode(audit.log_of(NAME).read().entries[-1])
    assert (last["action"], last["facts"]["model_package_arn"]) == ("reproduce", record.arn)
    assert last["facts"]["result"].startswith("reproduced: ")
