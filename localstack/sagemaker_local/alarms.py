"""The CloudWatch alarms of a deployment."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local import aws
from sagemaker_local.errors import ValidationException


@dataclass(frozen=True)
class Alarms:
    """CloudWatch's alarms of these names."""

    names: tuple[str, ...]
    region: str

    def require(self) -> None:
        """Refuses names that CloudWatch does not know.

        Raises:
            ValidationException: an alarm does not exist, or CloudWatch can't be reached.
        """
        try:
            states = self._states()
        except (BotoCoreError, ClientError) as error:
            raise ValidationException(f"The alarms of DeploymentConfig can't be described: {error}") from None
        missing = sorted(set(self.names) - states.keys())
        if missing:
            raise ValidationException(f"Could not find CloudWatch alarms: {', '.join(missing)}.")

    def tripped(self) -> list[str]:
        """Those that are in state ALARM.

        Raises:
            BotoCoreError, ClientError: CloudWatch can't be reached.
        """
        return [name for name, state in self._states().items() if state == "ALARM"]

    def _states(self) -> dict[str, str]:
        if not self.names:
            return {}
        client = aws.client("cloudwatch", self.region)
        found = client.describe_alarms(AlarmNames=list(self.names), AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        every = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in every}
