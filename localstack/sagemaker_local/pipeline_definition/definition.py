"""Reads a pipeline definition, and refuses one that can't run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sagemaker_local import service_model, strict_json
from sagemaker_local.errors import NotImplementedAction, ValidationException
from sagemaker_local.pipeline_definition.parameters import Parameter
from sagemaker_local.pipeline_definition.steps import ABSENT_STEPS, CALLBACK, CONDITION, FAIL, RESOURCE_STEPS

VERSION = "2020-12-01"
VARIABLES = {
    "CurrentDateTime",
    "PipelineArn",
    "PipelineExecutionArn",
    "PipelineExecutionId",
    "PipelineName",
    "ProcessingJobName",
    "StartDateTime",
    "TrainingJobName",
}
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_TRIGGERS = ("Completed", "Failed", "Stopped", "Any")
_COMPARED = ("LeftValue", "RightValue")
_OPERATORS = {
    "Equals": _COMPARED,
    "GreaterThan": _COMPARED,
    "GreaterThanOrEqualTo": _COMPARED,
    "LessThan": _COMPARED,
    "LessThanOrEqualTo": _COMPARED,
    "In": ("QueryValue", "Values"),
    "Not": ("Condition",),
    "Or": ("Conditions",),
}
_REFERENCE = re.compile(r"(Steps|Parameters|Execution)\.([A-Za-z0-9\-_]+)(?:\.(.+))?")


@dataclass(frozen=True)
class Dependency:
    """A step that must end first, and how it must end."""

    step: str
    trigger: str = "Completed"


@dataclass(frozen=True)
class Branch:
    """The branch of a condition that a step is in."""

    condition: str
    taken_when: bool


@dataclass(frozen=True)
class Step:
    """One step of the definition, and its dependencies."""

    name: str
    type: str
    arguments: dict[str, Any]
    depends_on: tuple[Dependency, ...]
    branch: Branch | None = None
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def cache(self) -> dict[str, Any]:
        config: dict[str, Any] = self.raw.get("CacheConfig") or {}
        return config if config.get("Enabled") else {}

    @property
    def retry_policies(self) -> list[dict[str, Any]]:
        return list(self.raw.get("RetryPolicies") or [])

    def property_file(self, name: str) -> dict[str, Any] | None:
        """The entry of PropertyFiles of this name."""
        return next((file for file in self.raw.get("PropertyFiles", []) if file["PropertyFileName"] == name), None)


@dataclass(frozen=True)
class Definition:
    """A pipeline; its steps are in an order in which they can run one by one."""

    parameters: dict[str, Parameter]
    steps: dict[str, Step]
    experiment: dict[str, Any]


def read(text: str) -> Definition:
    """The definition in a JSON text.

    Raises:
        ValidationException: it is not a definition, or refers to something that it lacks.
        NotImplementedAction: it has a step of a type that is not implemented.
    """
    try:
        return _read(_document(text))
    except (AttributeError, KeyError, TypeError) as error:
        raise invalid(f"Model Validation failed: {type(error).__name__}: {error}") from error


def _read(document: dict[str, Any]) -> Definition:
    parameters = {entry["Name"]: Parameter.read(entry) for entry in document.get("Parameters") or []}
    if document.get("MlflowConfig"):
        raise NotImplementedAction("MlflowConfig of a pipeline is not implemented by SageMaker local yet.")
    found = list(_steps(_list(document.get("Steps")), None))
    steps = {step.name: step for step in found}
    for step in found:
        if steps[step.name] is not step:
            raise invalid(f"Step names must be unique; {step.name!r} is the name of several steps.")
    for step in found:
        _check(step, steps, parameters)
    return Definition(parameters, _in_order(steps), document.get("PipelineExperimentConfig") or {})


def invalid(problem: str) -> ValidationException:
    """AWS's refusal of a definition."""
    return ValidationException(f"Unable to parse pipeline definition. {problem}")


def references(value: Any) -> Iterator[tuple[str, str, str]]:
    """Every `{"Get": "Steps.Train.ModelArtifacts"}` in a value, as (`Steps`, `Train`, `ModelArtifacts`)."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if set(value) == {"Get"}:
            yield split_reference(value["Get"])
        else:
            yield from references(list(value.values()))


def split_reference(text: Any) -> tuple[str, str, str]:
    """(`Steps`, `Train`, `ModelArtifacts.S3ModelArtifacts`) of a Get's text."""
    match = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise invalid(f"Invalid property reference {text!r}.")
    return match[1], match[2], match[3] or ""


def _document(text: str) -> dict[str, Any]:
    try:
        document = strict_json.loads(text)
    except strict_json.NotJson as error:
        raise invalid(f"The definition is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise invalid("Expecting start of Json Object.")
    if document.get("Version") != VERSION:
        raise invalid(f"Version must be {VERSION!r}; it is {document.get('Version')!r}.")
    return document


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise invalid("Expecting start of Json Array.")
    return value


def _steps(entries: list[Any], branch: Branch | None) -> Iterator[Step]:
    """The steps of a list, and after each condition those of its two branches."""
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("Arguments"), dict):
            raise invalid("Expecting start of Json Object.")
        name, kind, arguments = entry.get("Name"), entry.get("Type"), entry["Arguments"]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise invalid(f"Step name {name!r} must satisfy regular expression pattern: [A-Za-z0-9\\-_]{{1,64}}.")
        own = {"Conditions": arguments.get("Conditions")} if kind == CONDITION else arguments
        yield Step(name, _checked_type(kind), own, tuple(_dependencies(entry, own)), branch, entry)
        if kind == CONDITION:
            for side, taken_when in (("IfSteps", True), ("ElseSteps", False)):
                yield from _steps(_list(arguments.get(side) or []), Branch(name, taken_when))


def _checked_type(kind: Any) -> str:
    if kind in ABSENT_STEPS:
        raise NotImplementedAction(f"Pipeline steps of type {kind} are not implemented by SageMaker local yet.")
    if kind not in RESOURCE_STEPS and kind not in (CALLBACK, CONDITION, FAIL):
        raise invalid(f"Unknown step type {kind!r}.")
    return str(kind)


def _dependencies(entry: dict[str, Any], arguments: dict[str, Any]) -> Iterator[Dependency]:
    explicit = set()
    for item in entry.get("DependsOn") or []:
        dependency = Dependency(item) if isinstance(item, str) else Dependency(item["Step"], item["Trigger"])
        if dependency.trigger not in _TRIGGERS:
            raise invalid(f"Trigger must be one of {', '.join(_TRIGGERS)}; it is {dependency.trigger!r}.")
        explicit.add(dependency.step)
        yield dependency
    referred = {step for room, step, _ in references(arguments) if room == "Steps"}
    yield from (Dependency(step) for step in sorted(referred - explicit))


def _check(step: Step, steps: dict[str, Step], parameters: dict[str, Parameter]) -> None:
    for dependency in step.depends_on:
        if dependency.step not in steps:
            raise invalid(f"Step {step.name!r} refers to step {dependency.step!r}, which is not in the pipeline.")
        if steps[dependency.step].type == FAIL and dependency.trigger == "Completed":
            raise invalid(f"{step.name} can not depends on {dependency.step}.")
    for room, name, path in references(step.arguments):
        if room == "Parameters" and name not in parameters:
            raise invalid(f"Step {step.name!r} refers to parameter {name!r}, which is not in the pipeline.")
        if room == "Execution" and name not in VARIABLES:
            raise invalid(f"Step {step.name!r} refers to execution variable {name!r}, which there is not.")
        if room == "Steps" and path.startswith("PropertyFiles."):
            file = path.removeprefix("PropertyFiles.")
            if steps[name].property_file(file) is None:
                raise invalid(f"Step {step.name!r} refers to property file {file!r}, which step {name!r} has not.")
    if step.type == CALLBACK and not step.raw.get("SqsQueueUrl"):
        raise invalid(f"Step {step.name!r} needs a SqsQueueUrl.")
    if step.type == CONDITION:
        _check_conditions(_list(step.arguments["Conditions"]))
    if kind := RESOURCE_STEPS.get(step.type):
        known = service_model.input_shape(kind.action).members
        for member in step.arguments:
            if member not in known:
                raise invalid(f"Unknown Argument member '{member}'.")


def _check_conditions(conditions: list[Any]) -> None:
    for condition in conditions:
        members = _OPERATORS.get(condition["Type"])
        if members is None:
            raise invalid(f"Unknown condition type {condition['Type']!r}.")
        if missing := [member for member in members if member not in condition]:
            raise invalid(f"Condition {condition['Type']} lacks {', '.join(missing)}.")
        nested = [condition["Condition"]] if "Condition" in condition else condition.get("Conditions", [])
        _check_conditions(nested)


def _in_order(steps: dict[str, Step]) -> dict[str, Step]:
    waits_for = {step.name: [dependency.step for dependency in step.depends_on] for step in steps.values()}
    for step in steps.values():
        if step.branch:
            waits_for[step.name].append(step.branch.condition)
    try:
        return {name: steps[name] for name in TopologicalSorter(waits_for).static_order()}
    except CycleError as cycle:
        raise invalid(f"The steps depend on each other in a cycle: {' -> '.join(cycle.args[1])}.") from None
