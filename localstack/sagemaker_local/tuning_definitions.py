"""What a tuning job tunes: its training job definitions, and the training jobs that they become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sagemaker_local.tuning_ranges import Range, ranges_of

OBJECTIVE = "_tuning_objective_metric"
_PASSED_ON = (
    "RoleArn",
    "InputDataConfig",
    "VpcConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "RetryStrategy",
    "Environment",
)


@dataclass(frozen=True)
class Definition:
    """One TrainingJobDefinition, with what the tuning job's config adds to a lone one."""

    block: dict[str, Any]
    metric: str
    maximize: bool
    ranges: list[Range]

    @property
    def name(self) -> str | None:
        return self.block.get("DefinitionName")

    @property
    def static(self) -> dict[str, str]:
        """The hyperparameters that stay the same, without the one that SageMaker adds."""
        return {k: v for k, v in self.block.get("StaticHyperParameters", {}).items() if k != OBJECTIVE}

    @property
    def regex(self) -> str:
        """What finds the objective metric in a job's output; empty when no metric definition names it."""
        definitions = self.block["AlgorithmSpecification"].get("MetricDefinitions", [])
        return next((item["Regex"] for item in definitions if item["Name"] == self.metric), "")

    def training_request(self, name: str, tuned: dict[str, str]) -> dict[str, Any]:
        """The CreateTrainingJob request of one training job."""
        request = {member: self.block[member] for member in _PASSED_ON if member in self.block}
        if "HyperParameterTuningResourceConfig" in self.block:
            request["ResourceConfig"] = _resources(self.block["HyperParameterTuningResourceConfig"])
        return {
            **request,
            "TrainingJobName": name,
            "AlgorithmSpecification": dict(self.block["AlgorithmSpecification"]),
            "HyperParameters": {**self.static, **tuned, OBJECTIVE: self.metric},
        }


def definitions_of(body: dict[str, Any]) -> list[Definition]:
    """The definitions of a tuning job whose request was checked."""
    config = body["HyperParameterTuningJobConfig"]
    found = []
    for block in blocks_of(body):
        objective = block.get("TuningObjective") or config["HyperParameterTuningJobObjective"]
        ranges = ranges_of(block.get("HyperParameterRanges") or config.get("ParameterRanges", {}))
        found.append(Definition(block, objective["MetricName"], objective["Type"] == "Maximize", ranges))
    return found


def blocks_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """TrainingJobDefinition or TrainingJobDefinitions, whichever was given, as a list."""
    one = body.get("TrainingJobDefinition")
    return [one] if one is not None else list(body.get("TrainingJobDefinitions") or [])


def _resources(flexible: dict[str, Any]) -> dict[str, Any]:
    """The ResourceConfig of a HyperParameterTuningResourceConfig: its first choice of instances."""
    preferred = flexible.get("InstanceConfigs", [{}])[0]
    members = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")
    every = {**flexible, **preferred}
    return {member: every[member] for member in members if member in every}
