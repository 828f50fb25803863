"""A use case with `training.instances`: its jobs train the model of one instance, each on a part of the rows."""

import io
import json
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pandas as pd
import pytest
import yaml

import train as script
from config.use_case import UseCase, load_use_case
from tabular.artefact import Artefact
from tabular.channels import read_channel
from tabular.contract import Contract
from tasks import storage, training_costs
from tasks.ingest import ingest
from tasks.platform.seed import seed_use_case
from tasks.references import DataSplit, TrainedModel
from tasks.refit import refit
from tasks.split import split
from tasks.train import train
from tasks.validate import validate
from tests.patience import until
from tests.use_cases import small_use_case

ROWS = 1500
COLUMNS: dict[str, Any] = {
    "id": {"type": "integer", "minimum": 1},
    "amount": {"type": "number", "nullable": True},
    "share": {"type": "number"},
    "level": {"type": "category", "ordered": True, "categories": ["low", "mid", "high"], "nullable": True},
    "place": {"type": "category", "nullable": True},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}
DERIVED = {"both": {"expression": "amount * share", "type": "number"}}
CANDIDATE: dict[str, Any] = {
    "name": "boosted",
    "algorithm": "xgboost",
    "hyperparameters": {"n_estimators": 12, "max_bin": 32, "early_stopping_rounds": 8, "class_weight": "balanced"},
}


def content(seed: int = 3) -> pd.DataFrame:
    """Rows with numbers of any size, missing values and categories of a few rows."""
    random = np.random.default_rng(seed)
    amount, share = random.normal(1e6, 3e5, ROWS), random.random(ROWS)
    rare = [f"rare {number}" for number in range(9)]
    place = random.choice(["a", "b", "c", *rare], ROWS, p=[0.4, 0.3, 0.27, *([0.03 / 9] * 9)])
    level = random.choice(["low", "mid", "high"], ROWS)
    chance = amount / 1e6 + share + (level == "high") + (place == "a") + random.normal(0, 0.6, ROWS)
    return pd.DataFrame(
        {
            "id": np.arange(1, ROWS + 1),
            "amount": pd.Series(amount.round(2), dtype=object).where(random.random(ROWS) >= 0.1, None),
            "share": share.round(6),
            "level": pd.Series(level, dtype=object).where(random.random(ROWS) >= 0.1, None),
            "place": pd.Series(place, dtype=object).where(random.random(ROWS) >= 0.05, None),
            "passed": np.where(chance > 2.2, "yes", "no"),
        }
    )


def use_case(folder: Path) -> UseCase:
    """The use case of a YAML file with `training: {instances: 2}`."""
    case = small_use_case(
        name="on_instances",
        columns=COLUMNS,
        derived=DERIVED,
        features=["amount", "share", "level", "place", "both"],
        candidates=[CANDIDATE],
        training={"instances": 2},
    )
    path = folder / "on_instances.yaml"
    path.write_text(yaml.safe_dump({**case.model_dump(mode="json", exclude_unset=True), "columns": COLUMNS}))
    return load_use_case(str(path))


@dataclass(frozen=True)
class Trained:
    """What two instances have trained, and what one has trained on the same rows."""

    split: DataSplit
    candidate: TrainedModel
    refitted: TrainedModel
    folder: Path

    def alone(self, name: str, **folders: Path) -> tuple[Artefact, dict[str, float]]:
        """Train in this process, as a job of one instance does. Returns the model and its metrics."""
        content = self.split.train_uri.rpartition("/")[0]
        for part in ("train", "validation", "contract"):
            folders[part] = downloaded(f"{content}/{part}", self.folder / name / part)
        given = CANDIDATE["hyperparameters"]
        arguments = [*(word for pair in given.items() for word in (f"--{pair[0]}", str(pair[1])))]
        places = {**folders, "model-dir": self.folder / name, "output-data-dir": self.folder / name / "output"}
        arguments += [word for place, folder in places.items() for word in (f"--{place}", str(folder))]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["train.py", "--algorithm", "xgboost", *arguments])
            script.main()
        metrics = json.loads((self.folder / name / "output" / "metrics.json").read_text())
        return Artefact.load(self.folder / name), metrics


def downloaded(uri: str, folder: Path) -> Path:
    """Copy a channel as SageMaker does."""
    folder.mkdir(parents=True)
    for name in storage.names(uri):
        (folder / name).write_bytes(storage.get(f"{uri}/{name}"))
    return folder


def loaded(model: TrainedModel, folder: Path) -> Artefact:
    """Load a model from its archive."""
    with tarfile.open(fileobj=io.BytesIO(storage.get(model.model_uri))) as tar:
        tar.extractall(folder, filter="data")
    return Artefact.load(folder)


@pytest.fixture(scope="module")
def trained(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The candidate and the refit of a use case with two instances, by the offline SageMaker."""
    folder = tmp_path_factory.mktemp("instances")
    content().to_csv(folder / "rows.csv", index=False)
    case = use_case(folder)
    seed_use_case(case.name)
    parts = split.fn(case, validate.fn(case, ingest.fn(case, str(folder / "rows.csv"))))
    candidate = train.fn(case, parts, case.candidates[0])
    return Trained(parts, candidate, refit.fn(case, parts, candidate), folder)


def same(found: tuple[Artefact, dict[str, float]], expected: tuple[Artefact, dict[str, float]], rows: Path) -> None:
    """Require equal metrics, and equal outputs for new rows, within 1e-6."""
    assert found[1] == pytest.approx(expected[1], abs=1e-6)
    frame = read_channel(rows, Contract.read(rows.parent / "one"))
    outputs = [model.output(frame) for model in (found[0], expected[0])]
    assert np.abs(outputs[0] - outputs[1]).max() <= 1e-6
    assert np.ptp(outputs[0][:, 1]) > 0.3


def test_two_instances_train_and_refit_the_model_of_one(trained: Trained) -> None:
    rows = downloaded(trained.split.test_uri, trained.folder / "rows")
    model = loaded(trained.candidate, trained.folder / "two")
    one = trained.alone("one")
    assert "validation:roc_auc" in one[1]
    same((model, trained.candidate.metrics), one, rows)

    archive = trained.folder / "selected" / "model.tar.gz"
    archive.parent.mkdir()
    archive.write_bytes(storage.get(trained.candidate.model_uri))
    again = trained.alone("one-again", selected=archive.parent)
    same((loaded(trained.refitted, trained.folder / "two-again"), trained.refitted.metrics), again, rows)


def test_each_instance_has_a_part_of_the_rows_that_the_model_is_fitted_to(trained: Trained) -> None:
    sagemaker = boto3.client("sagemaker", region_name="us-east-1")
    for model, sharded in ((trained.candidate, {"train"}), (trained.refitted, {"train", "validation"})):
        job = sagemaker.describe_training_job(TrainingJobName=model.job_name)
        assert job["ResourceConfig"]["InstanceCount"] == 2
        assert job["EnableInterContainerTrafficEncryption"]
        channels = {each["ChannelName"]: each["DataSource"]["S3DataSource"] for each in job["InputDataConfig"]}
        kinds = {name: source["S3DataDistributionType"] for name, source in channels.items()}
        assert {name for name, kind in kinds.items() if kind == "ShardedByS3Key"} == sharded
    price = trained.candidate.dollars
    assert price == training_costs.dollars(trained.candidate.billed_seconds or 0, 2)
    for uri in (trained.split.train_uri, trained.split.validation_uri):
        assert len(list(storage.names(uri))) == 2


def test_the_first_instance_writes_the_model_and_the_log_has_the_rows_of_each(trained: Trained) -> None:
    logs, group = boto3.client("logs", region_name="us-east-1"), "/aws/sagemaker/TrainingJobs"

    def logged() -> list[str]:
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{trained.candidate.job_name}/")
        names = [each["logStreamName"] for each in streams["logStreams"]]
        found = [logs.get_log_events(logGroupName=group, logStreamName=each, startFromHead=True) for each in names]
        return [event["message"] for page in found for event in page["events"]]

    every = {"Instance 1 of 2 has 450 rows", "Instance 2 of 2 has 450 rows"}
    lines = until(logged, lambda lines: every <= set(lines))
    assert len([line for line in lines if line.startswith("validation:roc_auc=")]) == 1
    assert set(lines) >= {"Compiled, and compared on 1,200 rows"}
