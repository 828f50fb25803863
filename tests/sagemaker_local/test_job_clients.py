"""Jobs through the SDK's trainer and processors, and programs like AWS's samples."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, Bench, archive, unique
from tests.sagemaker_local.test_processing_jobs import ended

PROGRAMS = Path(__file__).with_name("programs")
SCIKIT_LEARN = IMAGE.replace("sagemaker-xgboost:3.2-0", "sagemaker-scikit-learn:1.9-0-cpu-py3")
TRAIN = """
import argparse, json, os, pathlib, numpy
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
arguments = parser.parse_args()
rows = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "rows.csv").read_text().split()
report = {"depth": arguments.depth, "rows": len(rows), "numpy": numpy.__version__}
report["hosts"] = json.loads(os.environ["SM_HOSTS"])
pathlib.Path(arguments.model_dir, os.environ["SM_CURRENT_HOST"] + ".json").write_text(json.dumps(report))
print("auc: 0.75;")
"""
PROCESS = """
import json, pathlib, sys, xgboost
from helper import DOUBLE
rows = pathlib.Path("/opt/ml/processing/input/data/rows.csv").read_text().split()
report = {"rows": len(rows) * DOUBLE, "argv": sys.argv[1:], "xgboost": xgboost.__version__}
pathlib.Path("/opt/ml/processing/output/report.json").write_text(json.dumps(report))
"""

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def session(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The SDK's Session, with telemetry and role validation disabled by its own settings."""
    (tmp_path / "sdk.yaml").write_text(
        'SchemaVersion: "1.0"\nSageMaker:\n  PythonSDK:\n    Modules:\n      TelemetryOptOut: true\n'
    )
    monkeypatch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(tmp_path / "sdk.yaml"))
    monkeypatch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
    monkeypatch.chdir(tmp_path)
    from sagemaker.core.helper.session_helper import Session

    return Session(default_bucket=BUCKET)


def folder(path: Path, **files: str) -> Path:
    """A folder of files; `_` before the last part of a name means a dot."""
    path.mkdir()
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        (path / f"{stem}.{ending}").write_text(text)
    return path


def test_the_sdks_model_trainer_trains_on_two_instances(session: Any, bench: Bench, tmp_path: Path) -> None:
    from sagemaker.core.training.configs import Compute, InputData, SourceCode
    from sagemaker.train.model_trainer import ModelTrainer

    source = folder(tmp_path / "source", train_py=TRAIN, requirements_txt="numpy>=2\n")
    trainer = ModelTrainer(
        training_image=IMAGE,
        role=ROLE,
        sagemaker_session=session,
        base_job_name=unique("trainer"),
        source_code=SourceCode(source_dir=str(source), entry_script="train.py", requirements="requirements.txt"),
        compute=Compute(instance_type="ml.m5.large", instance_count=2),
        hyperparameters={"depth": 3},
    )
    data = folder(tmp_path / "data", rows_csv="1\n2\n3\n")
    trainer.train(input_data_config=[InputData(channel_name="train", data_source=str(data))], wait=False)
    job = bench.ended(trainer._latest_training_job.training_job_name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    files = bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])
    expected = {"depth": 3, "rows": 3, "numpy": "2.1.0", "hosts": ["algo-1", "algo-2"]}
    assert {name: json.loads(text) for name, text in files.items()} == {
        "algo-1.json": expected,
        "algo-2.json": expected,
    }


def _ends(data: str, output: str) -> dict[str, Any]:
    from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output

    source = ProcessingS3Input(
        s3_uri=data, s3_data_type="S3Prefix", s3_input_mode="File", local_path="/opt/ml/processing/input/data"
    )
    target = ProcessingS3Output(s3_uri=output, local_path="/opt/ml/processing/output", s3_upload_mode="EndOfJob")
    return {
        "inputs": [ProcessingInput(input_name="data", s3_input=source)],
        "outputs": [ProcessingOutput(output_name="report", s3_output=target)],
    }


def test_the_sdks_script_processor_runs_a_script(session: Any, bench: Bench, tmp_path: Path) -> None:
    from sagemaker.core.processing import ScriptProcessor

    (tmp_path / "process.py").write_text(PROCESS.replace("from helper import DOUBLE", "DOUBLE = 1"))
    name = unique("script")
    data = bench.put(f"{name}/rows.csv", "1\n2\n")
    ScriptProcessor(
        role=ROLE,
        image_uri=IMAGE,
        command=["python3"],
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    ).run(
        code=str(tmp_path / "process.py"),
        arguments=["--level", "high"],
        job_name=name,
        wait=False,
        **_ends(data, f"s3://{BUCKET}/{name}/out"),
    )
    job = ended(bench, name)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    report = json.loads(bench.read(f"s3://{BUCKET}/{name}/out/report.json"))
    assert report == {"rows": 2, "argv": ["--level", "high"], "xgboost": "3.2.0"}


def test_the_sdks_framework_processor_takes_a_folder_with_requirements(
    session: Any, bench: Bench, tmp_path: Path
) -> None:
    from sagemaker.core.processing import FrameworkProcessor

    source = folder(tmp_path / "source", process_py=PROCESS, helper_py="DOUBLE = 2\n", requirements_txt="pandas\n")
    name = unique("framework")
    data = bench.put(f"{name}/rows.csv", "1\n2\n")
    FrameworkProcessor(
        role=ROLE,
        image_uri=IMAGE,
        command=["python3"],
        instance_count=1,
        instance_type="ml.m5.large",
        sagemaker_session=session,
    ).run(
        code="process.py",
        source_dir=str(source),
        job_name=name,
        wait=False,
        **_ends(data, f"s3://{BUCKET}/{name}/out"),
    )
    job = ended(bench, name)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    report = json.loads(bench.read(f"s3://{BUCKET}/{name}/out/report.json"))
    assert report == {"rows": 4, "argv": [], "xgboost": "3.2.0"}


# Programs in script mode, unmodified.


def trained(bench: Bench, program: str, image: str, channels: dict[str, str], **more: Any) -> dict[str, Any]:
    code = bench.put(f"{unique('code')}/sourcedir.tar.gz", packed(program))
    job = bench.train(
        "",
        algorithm={"TrainingImage": image},
        channels=channels,
        hyperparameters={
            "sagemaker_program": f"{program}.py",
            "sagemaker_submit_directory": code,
            **more.pop("hyperparameters", {}),
        },
        **more,
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return job


def packed(program: str) -> bytes:
    return archive(**{program: (PROGRAMS / f"{program}.py").read_text()})


def served(bench: Bench, job: dict[str, Any], program: str, image: str) -> str:
    """An endpoint of the job's model and the program, repacked like the SDK's."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        files = bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])
        for name, content in {**files, f"code/{program}.py": (PROGRAMS / f"{program}.py").read_bytes()}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    environment = {"SAGEMAKER_PROGRAM": f"{program}.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    data = bench.put(f"{unique('model')}/model.tar.gz", buffer.getvalue())
    model = bench.model(Image=image, ModelDataUrl=data, Environment=environment)
    endpoint = bench.endpoint(bench.config(v=(model, 1.0)))
    assert bench.settled(endpoint)["EndpointStatus"] == "InService"
    return endpoint


def libsvm(rows: Any) -> str:
    return "\n".join(f"{row[0]} " + " ".join(f"{at}:{value}" for at, value in enumerate(row[1:], 1)) for row in rows)


@pytest.mark.parametrize("instances", [1, 2])
def test_an_xgboost_program_on_libsvm_trains_and_serves(bench: Bench, instances: int) -> None:
    rows = np.random.default_rng(1).integers(1, 30, (200, 4)).astype(float)
    rows[:, 0] = rows[:, 1] + 2 * rows[:, 2]
    prefix = unique("abalone")
    for part, some in enumerate(np.split(rows, 2)):
        bench.put(f"{prefix}/train/part-{part}", libsvm(some))
    bench.put(f"{prefix}/validation/rows", libsvm(rows[:20]))
    job = trained(
        bench,
        "abalone",
        IMAGE,
        {"train": f"s3://{BUCKET}/{prefix}/train", "validation": f"s3://{BUCKET}/{prefix}/validation"},
        hyperparameters={"max_depth": "5", "eta": "0.3", "objective": "reg:squarederror", "num_round": "30"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": instances, "VolumeSizeInGB": 1},
    )
    assert sorted(bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])) == ["xgboost-model"]
    if instances == 1:
        endpoint = served(bench, job, "abalone", IMAGE)
        answer = bench.runtime.invoke_endpoint(EndpointName=endpoint, Body=libsvm(rows[:5]), ContentType="text/libsvm")
        predicted = [float(line) for line in answer["Body"].read().decode().split()]
        assert np.abs(np.array(predicted) - rows[:5, 0]).max() < 5
        bench.sagemaker.delete_endpoint(EndpointName=endpoint)


def test_a_scikit_learn_program_trains_and_serves_with_what_its_image_brings(bench: Bench) -> None:
    data = bench.put(f"{unique('iris')}/iris.csv", "".join(f"{x % 3},{x % 3},{x % 3 * 2},1,1\n" for x in range(60)))
    job = trained(bench, "iris", SCIKIT_LEARN, {"train": data}, hyperparameters={"max_leaf_nodes": "30"})
    endpoint = served(bench, job, "iris", SCIKIT_LEARN)
    answer = bench.invoke(endpoint, "0,0,1,1\n2,4,1,1\n", Accept="text/csv")
    assert [float(line) for line in answer.split()] == [0.0, 2.0]
    bench.sagemaker.delete_endpoint(EndpointName=endpoint)


def test_a_featurizer_answers_with_the_response_of_its_toolkit(bench: Bench) -> None:
    data = bench.put(f"{unique('rows')}/rows.csv", "M,1,5\nF,2,6\nM,3,7\n")
    job = trained(bench, "featurizer", SCIKIT_LEARN, {"train": data})
    endpoint = served(bench, job, "featurizer", SCIKIT_LEARN)
    answer = json.loads(bench.invoke(endpoint, "M,2\n", Accept="application/json"))
    assert answer == {"instances": [{"features": [0.0, 0.0, 1.0]}]}
    assert bench.invoke(endpoint, "F,2\n", Accept="text/csv").strip() == "0.0,1.0,0.0"
    bench.sagemaker.delete_endpoint(EndpointName=endpoint)
