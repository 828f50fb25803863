"""The search of a candidate: its objective is the use case's, early stopping gets its values, and its bill is kept."""

import logging
from typing import Any

import pytest

from config.candidates import Candidate
from config.tuning import Tuning
from config.use_case import load_use_case
from tasks import locations, training_costs
from tasks.tune import REPORT_EVERY, search
from tests.small_jobs import USE_CASE, code, sagemaker

SCRIPT = """
import os, sys
from pathlib import Path
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
print(f"validation:{given['--metric']}={abs(int(given['--max_depth']) - 3)};", flush=True)
Path(os.environ["SM_MODEL_DIR"], "model").write_text("x")
"""
__all__ = ["code", "sagemaker"]


def test_a_candidate_is_searched_by_the_use_case_s_metric_and_its_values_while_it_trains(
    code: Any, sagemaker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    use_case = load_use_case(USE_CASE)
    tuning = Tuning.model_validate({"jobs": 2, "parallel": 2, "ranges": {"max_depth": {"integer": [3, 4]}}})
    candidate = Candidate(name="searched", algorithm="xgboost", tune=tuning)
    metric = use_case.evaluation.primary
    request = {
        "use_case": USE_CASE,
        "source_dir": (source := code(SCRIPT)),
        "program": "train.py",
        "channels": {"train": source},
        "hyperparameters": {"metric": metric},
        "metrics": [f"validation:{metric}"],
        "output": locations.jobs(USE_CASE),
        "tags": {"use-case": USE_CASE, "stage": "train"},
    }
    with caplog.at_level(logging.INFO, logger="vishwaops"):
        found = search(use_case, candidate, tuning, request)
    assert (metric, found.tuned, found.best.metrics) == ("rmse", {"max_depth": 3}, {"validation:rmse": 0.0})
    assert "searched: best of 2 jobs (0 stopped early, 0 failed): max_depth 3" in caplog.text

    job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=found.name)
    config = job["HyperParameterTuningJobConfig"]
    assert config["HyperParameterTuningJobObjective"] == {"Type": "Minimize", "MetricName": "validation:rmse"}
    assert (config["Strategy"], config["TrainingJobEarlyStoppingType"]) == ("Bayesian", "Auto")
    assert config["RandomSeed"] == use_case.seed
    assert job["TrainingJobDefinition"]["StaticHyperParameters"]["report_every"] == str(REPORT_EVERY)

    facts = training_costs.usage(found.best, found)
    assert (facts["jobs"], facts["tuning_job_name"]) == (2, found.name)
    assert facts["dollars"] == training_costs.dollars(found.billed_seconds)
    assert found.billed_seconds >= 2
