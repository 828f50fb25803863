"""Hyperparameter tuning jobs: their training jobs, the best of them, limits, stopping, and a restart of the server."""

import json
import re
import signal
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.support import BUCKET, IMAGE, ROLE, Bench, archive, everything, unique, until

PEAK = """
import argparse, os, pathlib, time
parser = argparse.ArgumentParser()
parser.add_argument("--point", type=float, default=0.0)
parser.add_argument("--shape", default="round")
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--pause", type=float, default=0.0)
arguments, _ = parser.parse_known_args()
if arguments.shape == "broken":
    raise SystemExit("broken")
for epoch in range(arguments.epochs):
    print(f"score={1 - (arguments.point - 0.3) ** 2};", flush=True)
    time.sleep(arguments.pause)
pathlib.Path(os.environ["SM_MODEL_DIR"], "point.txt").write_text(str(arguments.point))
"""
X = {"ContinuousParameterRanges": [{"Name": "point", "MinValue": "0", "MaxValue": "1", "ScalingType": "Linear"}]}
SHAPES = {"CategoricalParameterRanges": [{"Name": "shape", "Values": ["round", "square", "flat"]}]}
OBJECTIVE = {"Type": "Maximize", "MetricName": "score"}


def definition(bench: Bench, static: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """A TrainingJobDefinition of the script above."""
    code = bench.put("tuning/sourcedir.tar.gz", archive(train=PEAK))
    metric = {"Name": "score", "Regex": "score=([-0-9.e]+);"}
    return {
        "StaticHyperParameters": {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": code,
            **(static or {}),
        },
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [metric],
        },
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/tuning"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **changes,
    }


def request(
    bench: Bench,
    strategy: str = "Random",
    jobs: int | None = 4,
    ranges: dict[str, Any] | None = None,
    static: dict[str, str] | None = None,
    parallel: int = 2,
    **changes: Any,
) -> dict[str, Any]:
    """A CreateHyperParameterTuningJob request; `changes` go into its config."""
    limits = {"MaxParallelTrainingJobs": parallel, **({"MaxNumberOfTrainingJobs": jobs} if jobs else {})}
    return {
        "HyperParameterTuningJobName": unique("tune"),
        "HyperParameterTuningJobConfig": {
            "Strategy": strategy,
            "HyperParameterTuningJobObjective": OBJECTIVE,
            "ResourceLimits": limits,
            "ParameterRanges": ranges or X,
            **changes,
        },
        "TrainingJobDefinition": definition(bench, static),
    }


def run(bench: Bench, asked: dict[str, Any]) -> dict[str, Any]:
    bench.sagemaker.create_hyper_parameter_tuning_job(**asked)
    return ended(bench, asked["HyperParameterTuningJobName"])


def describe(bench: Bench, name: str) -> dict[str, Any]:
    return dict(bench.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name))


def ended(bench: Bench, name: str) -> dict[str, Any]:
    over = ("Completed", "Failed", "Stopped")
    return until(lambda: describe(bench, name), lambda job: job["HyperParameterTuningJobStatus"] in over)


def trials(bench: Bench, name: str, **more: Any) -> list[dict[str, Any]]:
    return everything(
        bench.sagemaker,
        "list_training_jobs_for_hyper_parameter_tuning_job",
        HyperParameterTuningJobName=name,
        **{"MaxResults": 100, **more},
    )


def tuned(bench: Bench, name: str, parameter: str = "point") -> list[str]:
    return [trial["TunedHyperParameters"][parameter] for trial in trials(bench, name)]


@pytest.fixture(scope="module")
def finished(bench: Bench) -> dict[str, Any]:
    """A random search with four training jobs, ended."""
    asked = request(bench, RandomSeed=7)
    asked["Tags"] = [{"Key": "team", "Value": "blue"}]
    return run(bench, asked)


def test_a_tuning_job_completes_and_names_its_best_training_job(bench: Bench, finished: dict[str, Any]) -> None:
    assert finished["HyperParameterTuningJobStatus"] == "Completed", finished.get("FailureReason")
    every = trials(bench, finished["HyperParameterTuningJobName"])
    values = {
        trial["TrainingJobName"]: trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in every
    }
    best = finished["BestTrainingJob"]
    assert best["TrainingJobName"] == max(values, key=lambda name: values[name])
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["MetricName"] == "score"
    assert best["ObjectiveStatus"] == "Succeeded"
    assert finished["TrainingJobStatusCounters"] == {
        "Completed": 4,
        "InProgress": 0,
        "RetryableError": 0,
        "NonRetryableError": 0,
        "Stopped": 0,
    }
    assert finished["ObjectiveStatusCounters"] == {"Succeeded": 4, "Pending": 0, "Failed": 0}
    assert finished["ConsumedResources"]["RuntimeInSeconds"] >= 1
    assert finished["CreationTime"] <= finished["HyperParameterTuningEndTime"]
    assert "OverallBestTrainingJob" not in finished
    x = float(best["TunedHyperParameters"]["point"])
    assert values[best["TrainingJobName"]] == pytest.approx(1 - (x - 0.3) ** 2)


def test_its_training_jobs_are_ordinary_ones_named_as_on_aws(bench: Bench, finished: dict[str, Any]) -> None:
    name = finished["HyperParameterTuningJobName"]
    every = trials(bench, name)
    for number, trial in enumerate(every, start=1):
        assert re.fullmatch(rf"{name}-{number:03}-[0-9a-f]{{8}}", trial["TrainingJobName"])
    job = bench.describe(every[0]["TrainingJobName"])
    assert job["TuningJobArn"] == finished["HyperParameterTuningJobArn"]
    assert job["HyperParameters"]["_tuning_objective_metric"] == "score"
    assert job["HyperParameters"]["point"] == every[0]["TunedHyperParameters"]["point"]
    model = bench.unpacked(job["ModelArtifacts"]["S3ModelArtifacts"])
    assert float(model["point.txt"]) == float(job["HyperParameters"]["point"])
    tags = bench.sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "blue"}]


def test_the_list_of_training_jobs_sorts_filters_and_pages(bench: Bench, finished: dict[str, Any]) -> None:
    name = finished["HyperParameterTuningJobName"]
    by_value = trials(bench, name, SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    values = [trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in by_value]
    assert values == sorted(values, reverse=True)
    assert trials(bench, name, StatusEquals="Failed") == []
    paginator = bench.sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    pages = list(paginator.paginate(HyperParameterTuningJobName=name, PaginationConfig={"PageSize": 3}))
    assert [len(page["TrainingJobSummaries"]) for page in pages] == [3, 1]
    with pytest.raises(ClientError, match="ResourceNotFound"):
        trials(bench, "no-such-tuning-job")


def test_tuning_jobs_are_listed_by_name(bench: Bench, finished: dict[str, Any]) -> None:
    name = finished["HyperParameterTuningJobName"]
    (summary,) = everything(bench.sagemaker, "list_hyper_parameter_tuning_jobs", NameContains=name)
    assert summary["Strategy"] == "Random"
    assert summary["ResourceLimits"] == {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}
    assert summary["TrainingJobStatusCounters"]["Completed"] == 4


def test_the_same_seed_gives_the_same_hyperparameters(bench: Bench, finished: dict[str, Any]) -> None:
    again = run(bench, request(bench, RandomSeed=7))
    other = run(bench, request(bench, RandomSeed=8))
    first = tuned(bench, finished["HyperParameterTuningJobName"])
    assert tuned(bench, again["HyperParameterTuningJobName"]) == first
    assert tuned(bench, other["HyperParameterTuningJobName"]) != first


def test_grid_tries_every_combination_once(bench: Bench) -> None:
    values = {"Name": "point", "Values": ["0.1", "0.3"]}
    grid = {"CategoricalParameterRanges": [values, *SHAPES["CategoricalParameterRanges"]]}
    job = run(bench, request(bench, "Grid", None, grid, parallel=3))
    every = [trial["TunedHyperParameters"] for trial in trials(bench, job["HyperParameterTuningJobName"])]
    assert sorted((each["point"], each["shape"]) for each in every) == sorted(
        (x, shape) for x in ("0.1", "0.3") for shape in ("round", "square", "flat")
    )
    assert job["BestTrainingJob"]["TunedHyperParameters"]["point"] == "0.3"
    assert job["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 6


def test_small_ranges_are_searched_without_repeats(bench: Bench) -> None:
    ranges = {"IntegerParameterRanges": [{"Name": "epochs", "MinValue": "1", "MaxValue": "4"}]}
    job = run(bench, request(bench, "Random", 4, ranges))
    assert sorted(tuned(bench, job["HyperParameterTuningJobName"], "epochs")) == ["1", "2", "3", "4"]


def test_a_failing_training_job_does_not_fail_the_tuning_job(bench: Bench) -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "shape", "Values": ["round", "broken"]}]}
    job = run(bench, request(bench, "Grid", None, ranges))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 1
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 1, "Pending": 0, "Failed": 1}
    (failed,) = trials(bench, job["HyperParameterTuningJobName"], StatusEquals="Failed")
    assert "broken" in failed["FailureReason"]
    assert failed["ObjectiveStatus"] == "Failed"


def test_when_all_training_jobs_fail_the_tuning_job_fails(bench: Bench) -> None:
    job = run(bench, request(bench, jobs=2, static={"shape": "broken"}))
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        "All training jobs failed. Please take a look at the training jobs failures to get more details."
    )


def test_without_any_objective_it_gives_up_after_five_training_jobs(bench: Bench) -> None:
    asked = request(bench, jobs=30, parallel=3)
    asked["TrainingJobDefinition"]["AlgorithmSpecification"]["MetricDefinitions"][0]["Regex"] = "loss=([0-9.]+)"
    job = run(bench, asked)
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("No objective metrics found after running 5 training jobs.")
    assert 5 <= len(trials(bench, job["HyperParameterTuningJobName"])) <= 8


def test_it_ends_when_the_target_is_reached(bench: Bench) -> None:
    job = run(
        bench,
        request(bench, jobs=50, parallel=1, TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 0.5}),
    )
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(trials(bench, job["HyperParameterTuningJobName"])) < 5


def test_it_ends_when_the_best_does_not_improve(bench: Bench) -> None:
    criteria = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    narrow = {"ContinuousParameterRanges": [{"Name": "point", "MinValue": "0.3", "MaxValue": "0.31"}]}
    job = run(bench, request(bench, jobs=50, ranges=narrow, parallel=1, TuningJobCompletionCriteria=criteria))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(trials(bench, job["HyperParameterTuningJobName"])) == 4
    assert job["TuningJobCompletionDetails"]["NumberOfTrainingJobsObjectiveNotImproving"] == 3


def test_it_ends_when_it_has_converged_if_asked_to(bench: Bench) -> None:
    criteria = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}
    narrow = {"ContinuousParameterRanges": [{"Name": "point", "MinValue": "0.3", "MaxValue": "0.31"}]}
    job = run(bench, request(bench, jobs=50, ranges=narrow, TuningJobCompletionCriteria=criteria))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(trials(bench, job["HyperParameterTuningJobName"])) < 20
    assert "ConvergenceDetectedTime" in job["TuningJobCompletionDetails"]


def test_stop_stops_the_training_jobs_and_then_the_tuning_job(bench: Bench) -> None:
    asked = request(bench, jobs=20, static={"pause": "30"})
    name = asked["HyperParameterTuningJobName"]
    bench.sagemaker.create_hyper_parameter_tuning_job(**asked)
    until(lambda: [t for t in trials(bench, name) if "TrainingStartTime" in t], bool)
    running = until(lambda: describe(bench, name), lambda job: job["TrainingJobStatusCounters"]["InProgress"] == 2)
    assert running["TrainingJobStatusCounters"]["InProgress"] == 2
    assert running["ObjectiveStatusCounters"]["Pending"] == 2
    with pytest.raises(ClientError, match="in status InProgress"):
        bench.sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    bench.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert describe(bench, name)["HyperParameterTuningJobStatus"] in ("Stopping", "Stopped")
    job = ended(bench, name)
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 2
    with pytest.raises(ClientError, match="in status Stopped"):
        bench.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    bench.sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    with pytest.raises(ClientError, match="can't find a tuning job"):
        describe(bench, name)


def test_several_definitions_share_one_tuning_job(bench: Bench) -> None:
    asked = request(bench, jobs=4)
    del asked["TrainingJobDefinition"]
    config = asked["HyperParameterTuningJobConfig"]
    del config["HyperParameterTuningJobObjective"], config["ParameterRanges"]
    near = {"ContinuousParameterRanges": [{"Name": "point", "MinValue": "0.29", "MaxValue": "0.31"}]}
    asked["TrainingJobDefinitions"] = [
        definition(bench, DefinitionName="far", TuningObjective=OBJECTIVE, HyperParameterRanges=X),
        definition(bench, DefinitionName="near", TuningObjective=OBJECTIVE, HyperParameterRanges=near),
    ]
    job = run(bench, asked)
    names = [t["TrainingJobDefinitionName"] for t in trials(bench, job["HyperParameterTuningJobName"])]
    assert sorted(names) == ["far", "far", "near", "near"]
    assert job["BestTrainingJob"]["TrainingJobDefinitionName"] == "near"


def test_a_warm_start_knows_the_best_of_its_parents(bench: Bench, finished: dict[str, Any]) -> None:
    worse = {"ContinuousParameterRanges": [{"Name": "point", "MinValue": "0.9", "MaxValue": "1"}]}
    asked = request(bench, "Bayesian", 2, worse)
    parent = finished["HyperParameterTuningJobName"]
    asked["WarmStartConfig"] = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    job = run(bench, asked)
    assert job["OverallBestTrainingJob"]["TrainingJobName"] == finished["BestTrainingJob"]["TrainingJobName"]
    assert job["OverallBestTrainingJob"]["TuningJobName"] == parent
    assert job["BestTrainingJob"]["TrainingJobName"].startswith(job["HyperParameterTuningJobName"])
    asked["HyperParameterTuningJobName"] = unique("tune")
    asked["TrainingJobDefinition"]["InputDataConfig"] = [
        {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/k"}}}
    ]
    with pytest.raises(ClientError, match="IdenticalDataAndAlgorithm"):
        bench.sagemaker.create_hyper_parameter_tuning_job(**asked)


def test_transfer_learning_may_tune_what_was_static(bench: Bench) -> None:
    parent = run(bench, request(bench, jobs=2, static={"shape": "round"}))
    asked = request(bench, "Bayesian", 2, SHAPES, {"point": "0.3"})
    asked["WarmStartConfig"] = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent["HyperParameterTuningJobName"]}],
        "WarmStartType": "TransferLearning",
    }
    job = run(bench, asked)
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    assert "OverallBestTrainingJob" not in job
    another = request(bench, "Bayesian", 2, SHAPES)  # one hyperparameter fewer
    another["WarmStartConfig"] = asked["WarmStartConfig"]
    with pytest.raises(ClientError, match="total number of static plus tunable hyperparameters must be the same"):
        bench.sagemaker.create_hyper_parameter_tuning_job(**another)


def test_bayesian_comes_closer_than_its_random_start(bench: Bench) -> None:
    job = run(bench, request(bench, "Bayesian", 14, parallel=1, RandomSeed=1))
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    distances = [abs(float(x) - 0.3) for x in tuned(bench, job["HyperParameterTuningJobName"])]
    assert sum(distances[9:]) / 5 < sum(distances[:5]) / 5
    assert float(job["BestTrainingJob"]["TunedHyperParameters"]["point"]) == pytest.approx(0.3, abs=0.1)


def test_hyperband_stops_what_is_worse_and_lets_the_best_use_all(bench: Bench) -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "point", "Values": ["0.3", "0.6", "0.9", "1.2", "1.5", "1.8"]}]}
    resource = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}
    static = {"epochs": "9", "pause": "0.15"}
    job = run(bench, request(bench, "Hyperband", 6, ranges, static, 3, RandomSeed=3, StrategyConfig=resource))
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    assert job["TrainingJobStatusCounters"]["Stopped"] >= 1
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 6
    best = job["BestTrainingJob"]
    assert (best["TunedHyperParameters"]["point"], best["TrainingJobStatus"]) == ("0.3", "Completed")


def test_early_stopping_stops_a_training_job_below_the_median(bench: Bench) -> None:
    values = {"CategoricalParameterRanges": [{"Name": "point", "Values": ["0.3", "0.31", "0.32", "0.33", "3.0"]}]}
    asked = request(bench, "Grid", None, values, {"epochs": "3", "pause": "0.2"}, TrainingJobEarlyStoppingType="Auto")
    job = run(bench, asked)
    stopped = trials(bench, job["HyperParameterTuningJobName"], StatusEquals="Stopped")
    assert "3.0" in [trial["TunedHyperParameters"]["point"] for trial in stopped]
    assert job["BestTrainingJob"]["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["TERM", "KILL"])
def test_a_tuning_job_continues_after_a_restart_of_the_server(
    start_server: Callable[..., OwnServer], number: signal.Signals
) -> None:
    first = start_server()
    asked = request(first.bench, "Random", 5, static={"pause": "0.4"})
    name = asked["HyperParameterTuningJobName"]
    first.bench.sagemaker.create_hyper_parameter_tuning_job(**asked)
    until(lambda: len(trials(first.bench, name)), lambda count: count >= 3)
    first.end(number)
    second = start_server()
    job = ended(second.bench, name)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    counters = job["TrainingJobStatusCounters"]
    lost = counters["RetryableError"] + counters["Stopped"]  # one that had not begun to train may have stopped
    assert lost >= 1
    assert counters["Completed"] + lost == 5
    assert len(set(tuned(second.bench, name))) == 5


def _change(asked: dict[str, Any], path: str, value: Any) -> None:
    *folders, last = path.split(".")
    for folder in folders:
        asked = asked[folder]
    if value is None:
        del asked[last]
    else:
        asked[last] = value


CONFIG, DEFINITION = "HyperParameterTuningJobConfig", "TrainingJobDefinition"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (f"{DEFINITION}.AlgorithmSpecification.MetricDefinitions", [], "Provide a metric in the metric definitions."),
        (f"{CONFIG}.Strategy", "Grid", "Only categorical parameters are supported"),
        (f"{CONFIG}.Strategy", "Hyperband", "MaxResource parameter is not provided and could not be inferred"),
        (
            f"{CONFIG}.ParameterRanges",
            SHAPES,
            r"ranges \[3.0\] must be equal or greater than .* MaxNumberOfJobs, \[4\]",
        ),
        (f"{CONFIG}.ResourceLimits.MaxParallelTrainingJobs", 0, "Member must have value greater than or equal to 1"),
        (f"{CONFIG}.ResourceLimits.MaxNumberOfTrainingJobs", None, "Provide MaxNumberOfTrainingJobs"),
        (f"{CONFIG}.HyperParameterTuningJobObjective", None, "HyperParameterTuningJobObjective must be specified"),
        (f"{DEFINITION}.StaticHyperParameters.point", "1", r"\[point\] are both static and tunable"),
        (f"{DEFINITION}.OutputDataConfig", {}, "Member must not be null"),
        (f"{DEFINITION}.AlgorithmSpecification.TrainingImage", None, "TrainingImage must be specified"),
        ("HyperParameterTuningJobName", "n" * 33, "Member must have length less than or equal to 32"),
        (DEFINITION, None, "either TrainingJobDefinition or TrainingJobDefinitions"),
        (
            f"{CONFIG}.ParameterRanges",
            {"ContinuousParameterRanges": [{"Name": "point", "MinValue": "1", "MaxValue": "0"}]},
            "must be less than or equal to its MaxValue",
        ),
        (
            f"{CONFIG}.ParameterRanges",
            {"IntegerParameterRanges": [{"Name": "point", "MinValue": "a", "MaxValue": "9"}]},
            "is not an integer",
        ),
        (
            f"{CONFIG}.ParameterRanges.ContinuousParameterRanges",
            [{"Name": "point", "MinValue": "0", "MaxValue": "1", "ScalingType": "Logarithmic"}],
            "values greater than 0",
        ),
        ("Autotune", {"Mode": "Enabled"}, "not implemented by SageMaker local yet"),
    ],
)
def test_a_bad_tuning_job_is_refused_and_not_stored(bench: Bench, path: str, value: Any, message: str) -> None:
    asked = json.loads(json.dumps(request(bench)))
    _change(asked, path, value)
    with pytest.raises(ClientError, match=message):
        bench.sagemaker.create_hyper_parameter_tuning_job(**asked)
    with pytest.raises(ClientError, match=r"can't find a tuning job|length"):
        describe(bench, asked["HyperParameterTuningJobName"])


def test_a_second_tuning_job_of_one_name_is_refused(bench: Bench, finished: dict[str, Any]) -> None:
    asked = {**request(bench), "HyperParameterTuningJobName": finished["HyperParameterTuningJobName"]}
    with pytest.raises(ClientError, match=r"ResourceInUse.*a hyperparameter tuning job with this name already exists"):
        bench.sagemaker.create_hyper_parameter_tuning_job(**asked)
