"""A tuning job's training job definitions, and the requests of its training jobs."""

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
    """One TrainingJobDefinition; a single one gets its objective and ranges from the tuning job's config."""

    block: dict[str, Any]
    metric: str
    maximize: bool
    ranges: list[Range]

    @property
    def name(self) -> str | None:
        return self.block.get("DefinitionName")

    @property
    def static(self) -> dict[str, str]:
        """The static hyperparameters, without the one that SageMaker adds."""
        return {k: v for k, v in self.block.get("StaticHyperParameters", {}).items() if k != OBJECTIVE}

    @property
    def regex(self) -> str:
        """The regular expression of the objective metric; empty when no metric definition names it."""
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
    """The definitions of a tuning job, whose request must be checked before."""
    config = body["HyperParameterTuningJobConfig"]
    found = []
    for block in blocks_of(body):
        objective = block.get("TuningObjective") or config["HyperParameterTuningJobObjective"]
        ranges = ranges_of(block.get("HyperParameterRanges") or config.get("ParameterRanges", {}))
        found.append(Definition(block, objective["MetricName"], objective["Type"] == "Maximize", ranges))
    return found


def blocks_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The given TrainingJobDefinition or TrainingJobDefinitions, as a list."""
    one = body.get("TrainingJobDefinition")
    return [one] if one is not None else list(body.get("TrainingJobDefinitions") or [])


def _resources(flexible: dict[str, Any]) -> dict[str, Any]:
    """The ResourceConfig of a HyperParameterTuningResourceConfig: its first choice of instances."""
    preferred = flexible.get("InstanceConfigs", [{}])[0]
    members = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")
    every = {**flexible, **preferred}
    return {member: every[member] for member in members if member in every}
