"""Steps of every kind of job in one pipeline: tune, make a model of the best, and transform with it."""

import re

from tests.sagemaker_local.pipeline_support import run, step, steps
from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, Bench, archive, everything, unique

TRAIN = """
import argparse, json, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--slope", type=float)
slope = parser.parse_known_args()[0].slope
print(f"score={slope};")
folder = pathlib.Path(os.environ["SM_MODEL_DIR"])
(folder / "slope.json").write_text(json.dumps(slope))
(folder / "code").mkdir()
(folder / "code" / "inference.py").write_text(pathlib.Path(__file__).with_name("inference.py").read_text())
"""
INFERENCE = """
import json, os

def model_fn(model_dir):
    with open(os.path.join(model_dir, "slope.json")) as file:
        return json.load(file)

def input_fn(body, content_type):
    return [float(row) for row in (body if isinstance(body, str) else body.decode()).split()]

def predict_fn(data, model):
    return [model * x for x in data]

def output_fn(prediction, accept):
    return "\\n".join(map(str, prediction)), "text/csv"
"""


def test_tuning_model_and_transform_steps_hand_on_what_they_made(bench: Bench) -> None:
    key = unique("tuned")
    code = bench.put(f"{key}/sourcedir.tar.gz", archive(train=TRAIN, inference=INFERENCE))
    rows = bench.put(f"{key}/rows/rows.csv", "1\n2\n")
    metric = {"Name": "score", "Regex": "score=([-0-9.e]+);"}
    instance = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    tune = {
        "HyperParameterTuningJobConfig": {
            "Strategy": "Grid",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
            "ResourceLimits": {"MaxParallelTrainingJobs": 2},
            "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "slope", "Values": ["3.0", "5.0"]}]},
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": {"sagemaker_program": "train.py", "sagemaker_submit_directory": code},
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": [metric],
            },
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/{key}/models"},
            "ResourceConfig": {**instance, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
    }
    best = {"Get": "Steps.Tune.TrainingJobSummaries[0].TrainingJobName"}
    best_model = {"Std:Join": {"On": "/", "Values": ["s3:/", BUCKET, key, "models", best, "output/model.tar.gz"]}}
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    container = {"Image": IMAGE, "ModelDataUrl": best_model, "Environment": environment}
    transform = {
        "ModelName": {"Get": "Steps.Make.ModelName"},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": rows}},
            "ContentType": "text/csv",
        },
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/{key}/out"},
        "TransformResources": instance,
    }
    execution, ran = run(
        bench,
        step("Tune", "Tuning", tune),
        step("Make", "Model", {"PrimaryContainer": container, "ExecutionRoleArn": ROLE}),
        step("Score", "Transform", transform),
    )
    assert execution["PipelineExecutionStatus"] == "Succeeded", ran
    assert list(steps(bench, execution["PipelineExecutionArn"])) == ["Tune", "Make", "Score"]
    assert bench.read(f"s3://{BUCKET}/{key}/out/rows.csv.out") == b"5.0\n10.0"
    identity = execution["PipelineExecutionArn"].rsplit("/", 1)[1]
    (found,) = everything(bench.sagemaker, "list_hyper_parameter_tuning_jobs", NameContains=identity)
    name = found["HyperParameterTuningJobName"]
    assert re.fullmatch(rf"{identity}-Tune-[A-Za-z0-9]{{10}}", name)
    assert set(ran["Score"]["Metadata"]) == {"TransformJob"}
