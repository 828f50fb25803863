"""Tuning and batch transform through unmodified clients: the SageMaker SDK and the AWS CLI."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from offline_cloud import Cloud
from tests.sagemaker_local import test_transform_jobs as transform
from tests.sagemaker_local import test_tuning_jobs as tuning
from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, Bench, unique
from tests.sagemaker_local.test_real_clients import aws

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def session(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A session of the SDK, with telemetry and role validation disabled."""
    settings = tmp_path / "sdk.yaml"
    settings.write_text('SchemaVersion: "1.0"\nSageMaker:\n  PythonSDK:\n    Modules:\n      TelemetryOptOut: true\n')
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(settings))
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
    from sagemaker.core.helper.session_helper import Session

    logging.getLogger("sagemaker").setLevel(logging.WARNING)
    yield Session(boto_session=boto3.session.Session(region_name="us-east-1"), default_bucket=BUCKET)


def test_the_sdks_tuner_tunes_a_model_trainer(bench: Bench, session: Any, tmp_path: Path) -> None:
    from sagemaker.core.parameter import CategoricalParameter, ContinuousParameter
    from sagemaker.core.training.configs import Compute, OutputDataConfig, SourceCode, StoppingCondition
    from sagemaker.train.model_trainer import ModelTrainer
    from sagemaker.train.tuner import HyperparameterTuner

    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text(tuning.PEAK)
    trainer = ModelTrainer(
        sagemaker_session=session,
        role=ROLE,
        training_image=IMAGE,
        source_code=SourceCode(source_dir=str(tmp_path / "code"), entry_script="train.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=1),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/tuner"),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=3600),
        hyperparameters={"epochs": 2},
        base_job_name="peak",
    )
    tuner = HyperparameterTuner(
        model_trainer=trainer,
        objective_metric_name="score",
        metric_definitions=[{"Name": "score", "Regex": "score=([-0-9.e]+);"}],
        hyperparameter_ranges={
            "point": ContinuousParameter(0.0, 1.0),
            "shape": CategoricalParameter(["round", "flat"]),
        },
        objective_type="Maximize",
        strategy="Bayesian",
        max_jobs=3,
        max_parallel_jobs=2,
        random_seed=5,
    )
    tuner.tune(wait=False)
    tuner.latest_tuning_job.wait(poll=1)
    job = tuner.describe()
    assert job.hyper_parameter_tuning_job_status == "Completed"
    best = bench.describe(tuner.best_training_job())
    assert best["TuningJobArn"] == job.hyper_parameter_tuning_job_arn
    assert best["HyperParameters"]["epochs"] == "2"
    assert 0 <= float(best["HyperParameters"]["point"]) <= 1
    assert best["HyperParameters"]["shape"] in ("round", "flat", '"round"', '"flat"')


def test_the_sdks_transformer_transforms(bench: Bench, session: Any) -> None:
    from sagemaker.core.transformer import Transformer

    model = bench.model(script=transform.DOUBLE)
    name = unique("sdk-transform")
    transformer = Transformer(
        model_name=model,
        instance_count=1,
        instance_type="ml.m5.large",
        strategy="MultiRecord",
        assemble_with="Line",
        accept="text/csv",
        output_path=f"s3://{BUCKET}/out/{name}",
        sagemaker_session=session,
    )
    uri = transform.folder(bench, rows="7,1\n8,2\n")
    transformer.transform(
        data=uri,
        content_type="text/csv",
        split_type="Line",
        job_name=name,
        input_filter="$[1:]",
        join_source="Input",
        wait=False,
    )
    transformer.latest_transform_job.wait(poll=1, logs=True)
    assert bench.read(f"s3://{BUCKET}/out/{name}/rows.out") == b"7,1,2.0\n8,2,4.0\n"


def test_the_sdks_resources_see_tuning_and_transform_jobs(bench: Bench, session: Any) -> None:
    from sagemaker.core.resources import HyperParameterTuningJob, TransformJob
    from sagemaker.core.shapes import TransformDataSource, TransformInput, TransformOutput, TransformResources
    from sagemaker.core.shapes import TransformS3DataSource as S3Source

    asked = tuning.request(bench, jobs=2)
    bench.sagemaker.create_hyper_parameter_tuning_job(**asked)
    tuned = HyperParameterTuningJob.get(asked["HyperParameterTuningJobName"])
    tuned.wait(poll=1)
    every = list(tuned.get_all_training_jobs())
    assert [trial.training_job_status for trial in every] == ["Completed", "Completed"]

    name = unique("core-transform")
    uri = transform.folder(bench, rows="1\n")
    job = TransformJob.create(
        transform_job_name=name,
        model_name=bench.model(script=transform.DOUBLE),
        transform_input=TransformInput(
            data_source=TransformDataSource(s3_data_source=S3Source(s3_data_type="S3Prefix", s3_uri=uri)),
            content_type="text/csv",
            split_type="Line",
        ),
        transform_output=TransformOutput(
            s3_output_path=f"s3://{BUCKET}/out/{name}", accept="text/csv", assemble_with="Line"
        ),
        transform_resources=TransformResources(instance_type="ml.m5.large", instance_count=1),
    )
    job.wait(poll=1)
    assert job.refresh().transform_job_status == "Completed"
    assert bench.read(f"s3://{BUCKET}/out/{name}/rows.out") == b"2.0\n"
    assert [found.transform_job_name for found in TransformJob.get_all(name_contains=name)] == [name]


def test_the_aws_cli_tunes_and_transforms(bench: Bench, cloud: Cloud, tmp_path: Path) -> None:
    asked = tuning.request(bench, jobs=2)
    name = asked["HyperParameterTuningJobName"]
    (tmp_path / "tune.json").write_text(json.dumps(asked))
    aws(cloud, "sagemaker", "create-hyper-parameter-tuning-job", "--cli-input-json", f"file://{tmp_path}/tune.json")
    assert tuning.ended(bench, name)["HyperParameterTuningJobStatus"] == "Completed"
    words = ["--hyper-parameter-tuning-job-name", name, "--sort-by", "FinalObjectiveMetricValue"]
    listed = json.loads(aws(cloud, "sagemaker", "list-training-jobs-for-hyper-parameter-tuning-job", *words))
    assert len(listed["TrainingJobSummaries"]) == 2

    batch = transform.request(bench.model(script=transform.DOUBLE), transform.folder(bench, rows="3\n"))
    (tmp_path / "batch.json").write_text(json.dumps(batch))
    aws(cloud, "sagemaker", "create-transform-job", "--cli-input-json", f"file://{tmp_path}/batch.json")
    transform.ended(bench, batch["TransformJobName"])  # the CLI itself polls only once a minute
    of = ["--transform-job-name", batch["TransformJobName"]]
    aws(cloud, "sagemaker", "wait", "transform-job-completed-or-stopped", *of)
    assert transform.outputs(bench, batch) == {"rows.out": "6.0\n"}
