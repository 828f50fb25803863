"""The deployment guardrails of an update: how the traffic moves to the new fleet, and which alarms bring it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import ConfigError
from config.profile import active_profile
from config.release import AT_ONCE, AllAtOnce, Canary, Linear

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DeploymentConfigUnionTypeDef, TrafficRoutingConfigTypeDef

LONGEST_UPDATE_SECONDS = 28_800
"""After this time SageMaker rolls an update back: its limit of `MaximumExecutionTimeoutInSeconds`."""
MOST_ALARMS = 10
"""The number of alarms that SageMaker watches during a deployment."""

Steps = AllAtOnce | Canary | Linear


@dataclass(frozen=True)
class Guard:
    """How an endpoint is updated."""

    alarms: Sequence[str] = ()
    """An alarm that goes off rolls the update back."""
    steps: Steps = AT_ONCE
    bakes: bool = True
    """Whether the old fleet stays for `bake_seconds` of the profile."""

    def config(self) -> "DeploymentConfigUnionTypeDef":
        """The DeploymentConfig of UpdateEndpoint, with the waits of the active profile. Raises ConfigError."""
        capacity = active_profile().endpoint
        bake = capacity.bake_seconds if self.bakes else 0
        return guarded(self.alarms, bake, self.steps, capacity.release_minute_in_seconds)


def guarded(
    alarms: Sequence[str], bake_seconds: int, steps: Steps = AT_ONCE, minute_in_seconds: int = 60
) -> "DeploymentConfigUnionTypeDef":
    """Blue/green deployment in `steps`. The old fleet stays while an alarm can still trigger a rollback.

    Without alarms nothing is watched, so nothing waits, except between the steps. Raises ConfigError for more than 10
    alarms.
    """
    if len(alarms) > MOST_ALARMS:
        raise ConfigError(
            f"guardrail alarms: expected at most {MOST_ALARMS}, because SageMaker watches no more during a deployment; "
            f"found {len(alarms)}: {', '.join(alarms)}. Name fewer of them in Terraform's output guardrail_alarms"
        )
    bake = bake_seconds if alarms else 0
    config: DeploymentConfigUnionTypeDef = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": _routing(steps, bake, minute_in_seconds),
            "TerminationWaitInSeconds": bake,
            "MaximumExecutionTimeoutInSeconds": LONGEST_UPDATE_SECONDS,
        }
    }
    if alarms:
        config["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": alarm} for alarm in alarms]}
    return config


def _routing(steps: Steps, bake: int, minute_in_seconds: int) -> "TrafficRoutingConfigTypeDef":
    if isinstance(steps, AllAtOnce):
        return {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": bake}
    wait = steps.minutes * minute_in_seconds
    if isinstance(steps, Canary):
        return {
            "Type": "CANARY",
            "WaitIntervalInSeconds": wait,
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": steps.percent},
        }
    return {
        "Type": "LINEAR",
        "WaitIntervalInSeconds": wait,
        "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": steps.percent},
    }
