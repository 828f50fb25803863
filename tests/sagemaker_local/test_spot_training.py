"""Managed spot training: an interrupted job resumes from its checkpoints on other instances, and is billed for less."""

import io
import tarfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from botocore.exceptions import ClientError

from sagemaker_local.spot import INTERRUPTIONS
from tabular import checkpoints
from tests.sagemaker_local.support import BUCKET, TRAIN, Bench, unique

SETTINGS: dict[str, Any] = {"n_estimators": 30, "subsample": 0.7, "colsample_bytree": 0.8, "random_state": 7}
RESUMABLE = f"""
import os, signal
from pathlib import Path
import numpy as np, xgboost
from checkpoints import Checkpoints

class Pause(xgboost.callback.TrainingCallback):
    def before_iteration(self, model, epoch, evals_log):
        if model.num_boosted_rounds() == 15:
            signal.pause()

model_dir = Path(os.environ["SM_MODEL_DIR"])
stored = Checkpoints.of_job(model_dir, 10)
rows = np.random.default_rng(0).normal(size=(300, 5))
model = xgboost.XGBClassifier(**{SETTINGS!r}, callbacks=[] if stored.latest()[0] else [Pause()])
target = (rows[:, 0] * rows[:, 1] > 0).astype(int)
stored.fit(model, lambda **options: model.fit(rows, target, **options))
model.get_booster().save_model(model_dir / "model.ubj")
"""
CONDITION = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200}


@pytest.fixture(scope="module")
def interrupted(bench: Bench) -> dict[str, Any]:
    """A job that was interrupted once, after its first checkpoint."""
    return bench.train(
        RESUMABLE,
        files={"checkpoints": Path(checkpoints.__file__).read_text()},
        EnableManagedSpotTraining=True,
        StoppingCondition=CONDITION,
        CheckpointConfig={"S3Uri": f"s3://{BUCKET}/{unique('spot')}"},
        Tags=[{"Key": INTERRUPTIONS, "Value": "1"}],
    )


def test_an_interrupted_job_continues_on_other_instances(bench: Bench, interrupted: dict[str, Any]) -> None:
    assert interrupted["TrainingJobStatus"] == "Completed", interrupted.get("FailureReason")
    statuses = [each["Status"] for each in interrupted["SecondaryStatusTransitions"]]
    begun = ["Starting", "Downloading", "Training"]
    assert statuses == [*begun, "Interrupted", *begun, "Uploading", "Completed"]
    printed = bench.printed("/aws/sagemaker/TrainingJobs", interrupted["TrainingJobName"])
    assert "Resumes from a checkpoint: 10 of 30 rounds are trained" in printed


def test_its_model_equals_that_of_an_uninterrupted_job(
    bench: Bench, interrupted: dict[str, Any], tmp_path: Path
) -> None:
    rows = np.random.default_rng(0).normal(size=(300, 5))
    model = xgboost.XGBClassifier(**SETTINGS)
    target = (rows[:, 0] * rows[:, 1] > 0).astype(int)
    checkpoints.Checkpoints(tmp_path, 10).fit(model, partial(model.fit, rows, target))
    packed = bench.read(interrupted["ModelArtifacts"]["S3ModelArtifacts"])
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extract("model.ubj", tmp_path, filter="data")
    resumed = xgboost.Booster(model_file=tmp_path / "model.ubj")
    assert resumed.num_boosted_rounds() == 30
    assert resumed.save_raw() == model.get_booster().save_raw()


def test_less_than_its_training_time_is_billed(interrupted: dict[str, Any]) -> None:
    assert 1 <= interrupted["BillableTimeInSeconds"] < interrupted["TrainingTimeInSeconds"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"EnableManagedSpotTraining": True, "StoppingCondition": {"MaxRuntimeInSeconds": 600}}, "It must be present"),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 599},
            },
            "greater than or equal to MaxRuntimeInSeconds",
        ),
        ({"StoppingCondition": CONDITION}, "only supported when EnableManagedSpotTraining is set to true"),
    ],
)
def test_a_waiting_time_that_does_not_fit_is_refused(bench: Bench, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        bench.sagemaker.create_training_job(**bench.request(TRAIN, **changes))
