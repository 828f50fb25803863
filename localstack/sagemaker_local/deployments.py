"""DeploymentConfig of CreateEndpoint and UpdateEndpoint: AWS's limits, and the plan that results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sagemaker_local.errors import ValidationException

_DEFAULT_TIMEOUT = 14_400.0
_SIZES = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
_SHARES = {"CanarySize": (0.0, 0.5), "LinearStepSize": (0.1, 0.5), "MaximumBatchSize": (0.05, 0.5)}


@dataclass(frozen=True)
class Shift:
    """One step: the new fleet gets this share of the traffic, and then bakes for `wait` seconds."""

    share: float
    wait: float


@dataclass(frozen=True)
class Plan:
    """How an endpoint changes from its old fleet to the new one. Times are AWS's, in seconds."""

    shifts: tuple[Shift, ...]
    alarms: tuple[str, ...] = ()
    rolling: bool = False
    """Whether the fleets grow and shrink with the traffic, rather than both having their full size."""
    termination_wait: float = 0.0
    timeout: float = _DEFAULT_TIMEOUT


def check(config: dict[str, Any], instances: int) -> None:
    """Refuses what AWS's own limits forbid beyond the service model.

    Args:
        config: a DeploymentConfig.
        instances: how many instances the smallest of the variants has.

    Raises:
        ValidationException: sizes, waiting times or their combination are not allowed.
    """
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    if blue_green and rolling:
        raise ValidationException(
            "You can specify either BlueGreenUpdatePolicy or RollingUpdatePolicy in DeploymentConfig, not both."
        )
    if blue_green:
        _check_sizes_given(blue_green["TrafficRoutingConfiguration"])
    for member, size in _sizes(config).items():
        _check_size(member, size, instances)
    drawn = plan(config, instances)
    waits = sum(shift.wait for shift in drawn.shifts) + drawn.termination_wait
    if waits >= drawn.timeout:
        raise ValidationException(
            f"MaximumExecutionTimeoutInSeconds ({drawn.timeout:.0f}) must be larger than the total waiting time "
            f"specified in TerminationWaitInSeconds and WaitIntervalInSeconds ({waits:.0f})."
        )


def plan(config: dict[str, Any], instances: int) -> Plan:
    """The steps of a checked DeploymentConfig; of an empty one, all traffic at once and no waiting."""
    alarms = tuple(alarm["AlarmName"] for alarm in config.get("AutoRollbackConfiguration", {}).get("Alarms", []))
    if rolling := config.get("RollingUpdatePolicy"):
        step = _share(rolling["MaximumBatchSize"], instances)
        shifts = _in_steps(step, rolling["WaitIntervalInSeconds"])
        return Plan(shifts, alarms, rolling=True, timeout=_timeout(rolling))
    policy = config.get("BlueGreenUpdatePolicy", {})
    shifts = _traffic_shifts(policy.get("TrafficRoutingConfiguration", {}), instances)
    return Plan(shifts, alarms, False, policy.get("TerminationWaitInSeconds", 0), _timeout(policy))


def _traffic_shifts(routing: dict[str, Any], instances: int) -> tuple[Shift, ...]:
    wait = routing.get("WaitIntervalInSeconds", 0)
    match routing.get("Type"):
        case "CANARY":
            return Shift(_share(routing["CanarySize"], instances), wait), Shift(1.0, wait)
        case "LINEAR":
            return _in_steps(_share(routing["LinearStepSize"], instances), wait)
        case _:
            return (Shift(1.0, wait),)


def _in_steps(step: float, wait: float) -> tuple[Shift, ...]:
    return tuple(Shift(min(number * step, 1.0), wait) for number in range(1, math.ceil(1 / step - 1e-9) + 1))


def _share(size: dict[str, Any], instances: int) -> float:
    value: int = size["Value"]
    return min(value / (instances if size["Type"] == "INSTANCE_COUNT" else 100), 1.0)


def _timeout(policy: dict[str, Any]) -> float:
    return float(policy.get("MaximumExecutionTimeoutInSeconds", _DEFAULT_TIMEOUT))


def _sizes(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    places = (
        config.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {}),
        config.get("RollingUpdatePolicy", {}),
    )
    return {member: place[member] for place in places for member in _SHARES if member in place}


def _check_sizes_given(routing: dict[str, Any]) -> None:
    kind = routing["Type"]
    for needed_by, member in _SIZES.items():
        if (member in routing) != (kind == needed_by):
            rule = "must" if kind == needed_by else "can't"
            raise ValidationException(f"{member} {rule} be specified when the traffic routing type is {kind}.")


def _check_size(member: str, size: dict[str, Any], instances: int) -> None:
    low, high = _SHARES[member]
    of_one_instance = size["Type"] == "INSTANCE_COUNT" and instances == 1 and member == "MaximumBatchSize"
    share = size["Value"] / (instances if size["Type"] == "INSTANCE_COUNT" else 100)
    if not low <= share <= high and not of_one_instance:
        limits = f"between {low:.0%} and {high:.0%}" if low else f"less than or equal to {high:.0%}"
        raise ValidationException(
            f"{member} must be {limits} of the variant's total instance count; "
            f"{size['Value']} ({size['Type']}) of {instances} is {share:.0%}."
        )
