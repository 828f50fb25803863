"""A pipeline that the SageMaker SDK builds, starts and waits for, unmodified."""

from pathlib import Path
from typing import Any

import pytest

from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, Bench, unique

TRAIN = """
import argparse, json, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--slope", type=float)
slope = parser.parse_args().slope
rows = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "rows.csv").read_text().split()
pathlib.Path(os.environ["SM_MODEL_DIR"], "slope.json").write_text(json.dumps({"slope": slope, "rows": len(rows)}))
"""
EVALUATE = """
import argparse, json, pathlib, tarfile
parser = argparse.ArgumentParser()
parser.add_argument("--wanted", type=float)
wanted = parser.parse_args().wanted
with tarfile.open("/opt/ml/processing/model/model.tar.gz") as archive:
    slope = json.load(archive.extractfile("slope.json"))["slope"]
out = pathlib.Path("/opt/ml/processing/evaluation")
out.mkdir(parents=True, exist_ok=True)
(out / "evaluation.json").write_text(json.dumps({"regression_metrics": {"error": {"value": abs(slope - wanted)}}}))
"""


@pytest.fixture
def session(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The SDK's PipelineSession, with telemetry and role validation disabled by its own settings."""
    (tmp_path / "sdk.yaml").write_text(
        'SchemaVersion: "1.0"\nSageMaker:\n  PythonSDK:\n    Modules:\n      TelemetryOptOut: true\n'
    )
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(tmp_path / "sdk.yaml"))
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
    monkeypatch.chdir(tmp_path)
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    return PipelineSession(default_bucket=BUCKET)


def pipeline(session: Any, folder: Path, group: str, data: str) -> Any:
    """Train, evaluate, and register a good model; written like the SDK's documentation."""
    from sagemaker.core.processing import ScriptProcessor
    from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
    from sagemaker.core.training.configs import Compute, InputData, OutputDataConfig, SourceCode
    from sagemaker.core.workflow.conditions import ConditionLessThanOrEqualTo
    from sagemaker.core.workflow.functions import Join, JsonGet
    from sagemaker.core.workflow.parameters import ParameterFloat, ParameterString
    from sagemaker.core.workflow.properties import PropertyFile
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep
    from sagemaker.mlops.workflow.model_step import ModelStep
    from sagemaker.mlops.workflow.pipeline import Pipeline
    from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
    from sagemaker.serve.model_builder import ModelBuilder
    from sagemaker.train.model_trainer import ModelTrainer

    (folder / "train").mkdir()
    (folder / "train" / "train.py").write_text(TRAIN)
    (folder / "evaluate.py").write_text(EVALUATE)
    approval = ParameterString(name="Approval", default_value="PendingManualApproval")
    most = ParameterFloat(name="MostError", default_value=0.5)
    wanted = ParameterString(name="Wanted", default_value="2.0")

    trainer = ModelTrainer(
        training_image=IMAGE,
        source_code=SourceCode(source_dir=str(folder / "train"), entry_script="train.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"slope": 2.25},
        input_data_config=[InputData(channel_name="train", data_source=data)],
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/{group}/models"),
        base_job_name="slope",
        sagemaker_session=session,
        role=ROLE,
    )
    train = TrainingStep(
        name="TrainSlope",
        step_args=trainer.train(),
        cache_config=CacheConfig(enable_caching=True, expire_after="P30D"),
    )
    model_data = train.properties.ModelArtifacts.S3ModelArtifacts
    evaluation = PropertyFile(name="Evaluation", output_name="evaluation", path="evaluation.json")
    processor = ScriptProcessor(
        image_uri=IMAGE,
        command=["python3"],
        instance_type="ml.m5.large",
        instance_count=1,
        sagemaker_session=session,
        role=ROLE,
    )
    evaluate = ProcessingStep(
        name="EvaluateSlope",
        step_args=processor.run(
            inputs=[
                ProcessingInput(
                    input_name="model",
                    s3_input=ProcessingS3Input(
                        s3_uri=model_data,
                        local_path="/opt/ml/processing/model",
                        s3_data_type="S3Prefix",
                        s3_input_mode="File",
                    ),
                )
            ],
            outputs=[
                ProcessingOutput(
                    output_name="evaluation",
                    s3_output=ProcessingS3Output(
                        s3_uri=f"s3://{BUCKET}/{group}/evaluation",
                        local_path="/opt/ml/processing/evaluation",
                        s3_upload_mode="EndOfJob",
                    ),
                )
            ],
            arguments=["--wanted", wanted],
            code=str(folder / "evaluate.py"),
        ),
        property_files=[evaluation],
    )
    error = JsonGet(step_name=evaluate.name, property_file=evaluation, json_path="regression_metrics.error.value")
    builder = ModelBuilder(
        s3_model_data_url=model_data, image_uri=IMAGE, sagemaker_session=session, role_arn=ROLE, mode=None
    )
    register = ModelStep(
        name="RegisterSlope",
        step_args=builder.register(
            model_package_group_name=group,
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.m5.large"],
            transform_instances=["ml.m5.large"],
            approval_status=approval,
        ),
    )
    failed = FailStep(name="TooFarOff", error_message=Join(on=" ", values=["The error is above", most]))
    gate = ConditionStep(
        name="GoodEnough",
        conditions=[ConditionLessThanOrEqualTo(left=error, right=most)],
        if_steps=[register],
        else_steps=[failed],
    )
    return Pipeline(
        name=unique("sdk-pipeline"),
        parameters=[approval, most, wanted],
        steps=[train, evaluate, gate],
        sagemaker_session=session,
    )


@pytest.mark.filterwarnings("ignore")
def test_a_pipeline_of_the_sdk_trains_evaluates_decides_and_registers(
    bench: Bench, session: Any, tmp_path: Path
) -> None:
    from botocore.exceptions import WaiterError

    group = unique("group")
    data = bench.put(f"{group}/data/rows.csv", "1\n2\n3\n")
    built = pipeline(session, tmp_path, group, data.rsplit("/", 1)[0])
    built.upsert(role_arn=ROLE)
    built.upsert(role_arn=ROLE, description="once more")
    assert built.latest_pipeline_version_id == 2

    execution = built.start(parameters={"Approval": "Approved"})
    execution.wait(delay=1)
    steps = {step["StepName"]: step for step in execution.list_steps()}
    assert {name: step["StepStatus"] for name, step in steps.items()} == dict.fromkeys(
        ("TrainSlope", "EvaluateSlope", "GoodEnough", "RegisterSlope"), "Succeeded"
    )
    arn = steps["RegisterSlope"]["Metadata"]["RegisterModel"]["Arn"]
    package = bench.sagemaker.describe_model_package(ModelPackageName=arn)
    assert (package["ModelPackageGroupName"], package["ModelApprovalStatus"]) == (group, "Approved")
    container = package["InferenceSpecification"]["Containers"][0]
    assert bench.unpacked(container["ModelDataUrl"]) == {"slope.json": b'{"slope": 2.25, "rows": 3}'}

    execution = built.start(parameters={"Wanted": "9.0"})
    with pytest.raises(WaiterError):
        execution.wait(delay=1)
    steps = {step["StepName"]: step for step in execution.list_steps()}
    assert "CacheHitResult" in steps["TrainSlope"]
    assert steps["TooFarOff"]["FailureReason"] == "The error is above 0.5"
    parameters = {each["Name"]: each["Value"] for each in execution.list_parameters()["PipelineParameters"]}
    assert parameters == {"Approval": "PendingManualApproval", "MostError": "0.5", "Wanted": "9.0"}
    built.delete()
