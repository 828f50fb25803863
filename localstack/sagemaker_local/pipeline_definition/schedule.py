"""Which steps may start now, and which never will: a pure function of the steps' statuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sagemaker_local.pipeline_definition.definition import Definition, Dependency, Step

_TRIGGERS = {"Succeeded": "Completed", "Failed": "Failed", "Stopped": "Stopped"}
_MET, _PENDING, _NEVER = "met", "pending", "never"


@dataclass(frozen=True)
class Plan:
    """The steps to start, in order, and those that can never start."""

    ready: list[str]
    never: set[str]


def plan(definition: Definition, statuses: Mapping[str, str], outcomes: Mapping[str, bool]) -> Plan:
    """The schedule that follows from the status of every started step and the outcome of every condition."""
    ready: list[str] = []
    never: set[str] = set()
    for step in definition.steps.values():
        if step.name in statuses:
            continue
        verdicts = {_dependency(each, statuses, never) for each in step.depends_on} | {
            _branch(step, statuses, outcomes)
        }
        if step.branch and step.branch.condition in never:
            verdicts.add(_NEVER)
        if _NEVER in verdicts:
            never.add(step.name)
        elif verdicts == {_MET}:
            ready.append(step.name)
    return Plan(ready, never)


def handled(definition: Definition, failed: str, statuses: Mapping[str, str]) -> bool:
    """Whether a step ran because this one failed."""
    return any(
        step.name in statuses and dependency.step == failed and dependency.trigger in ("Failed", "Any")
        for step in definition.steps.values()
        for dependency in step.depends_on
    )


def _dependency(dependency: Dependency, statuses: Mapping[str, str], never: set[str]) -> str:
    if dependency.step in never:
        return _NEVER
    ended = _TRIGGERS.get(statuses.get(dependency.step, ""))
    if ended is None:
        return _PENDING
    return _MET if dependency.trigger in (ended, "Any") else _NEVER


def _branch(step: Step, statuses: Mapping[str, str], outcomes: Mapping[str, bool]) -> str:
    if step.branch is None:
        return _MET
    if step.branch.condition in outcomes:
        return _MET if outcomes[step.branch.condition] == step.branch.taken_when else _NEVER
    return _NEVER if statuses.get(step.branch.condition) in _TRIGGERS else _PENDING
