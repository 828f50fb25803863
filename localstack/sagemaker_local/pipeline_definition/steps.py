"""The step types: the resource of each, and the attributes that AWS compares to find an earlier run in its cache."""

from __future__ import annotations

from dataclasses import dataclass

CONDITION = "Condition"
FAIL = "Fail"
CALLBACK = "Callback"


@dataclass(frozen=True)
class ResourceStep:
    """A step type that makes one resource by its Create action, and ends when the resource has."""

    kind: str
    """The resource kind: `TrainingJob`."""
    metadata: str
    """The member of a step's Metadata that holds the resource's ARN."""
    cached_by: tuple[str, ...] = ()
    """The arguments in which two equal runs agree (AWS, "Default cache key attributes by pipeline step type")."""
    named_by_user: bool = False
    """Whether the definition has the resource's name, as for an endpoint."""

    @property
    def action(self) -> str:
        return f"Create{self.kind}"

    @property
    def name_member(self) -> str:
        return f"{self.kind}Name"


_TUNING = ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions")

RESOURCE_STEPS = {
    "Training": ResourceStep(
        "TrainingJob",
        "TrainingJob",
        (
            "AlgorithmSpecification",
            "CheckpointConfig",
            "DebugHookConfig",
            "DebugRuleConfigurations",
            "Environment",
            "HyperParameters",
            "InputDataConfig",
        ),
    ),
    "Processing": ResourceStep(
        "ProcessingJob", "ProcessingJob", ("AppSpecification", "Environment", "ProcessingInputs")
    ),
    "Transform": ResourceStep(
        "TransformJob", "TransformJob", ("DataProcessing", "Environment", "ModelName", "TransformInput")
    ),
    "Tuning": ResourceStep("HyperParameterTuningJob", "TuningJob", _TUNING),
    "Model": ResourceStep("Model", "Model"),
    "CreateModel": ResourceStep("Model", "Model"),
    "RegisterModel": ResourceStep("ModelPackage", "RegisterModel"),
    "EndpointConfig": ResourceStep("EndpointConfig", "EndpointConfig", named_by_user=True),
    "Endpoint": ResourceStep("Endpoint", "Endpoint", named_by_user=True),
}

# AWS's step types that are not implemented.
ABSENT_STEPS = {
    "AutoML",
    "ClarifyCheck",
    "Cleanup",
    "EMR",
    "EMRServerless",
    "ForEach",
    "InferenceComponent",
    "Job",
    "Lambda",
    "Lineage",
    "QualityCheck",
}
