"""Changes an endpoint from its old (blue) fleet to a new (green) one by a plan, and back when that fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.alarms import Alarms
from sagemaker_local.clock import Pace
from sagemaker_local.deployments import Plan
from sagemaker_local.errors import JobFailure

if TYPE_CHECKING:
    from sagemaker_local.executors.fleets import Fleet

_POLL = 0.5  # seconds between two checks of the alarms
_MOST_UNANSWERED = 3


class RolledBack(Exception):
    """The deployment must be rolled back; the text becomes the endpoint's FailureReason."""


class Traffic:
    """The share of traffic of an endpoint's fleets. The event loop reads it; one deployment at a time changes it."""

    def __init__(self) -> None:
        self.blue: Fleet | None = None
        self.green: Fleet | None = None
        self._share = 0.0
        self._owed = 0.0

    def pick(self) -> Fleet | None:
        """The fleet for the next request: of n requests, green gets n times its share, to the nearest one."""
        green, share = self.green, self._share
        if green is None or share <= 0.0:
            return self.blue
        self._owed += share
        if self._owed < 1.0 - 1e-9 and self.blue is not None:
            return self.blue
        self._owed -= 1.0
        return green

    def shift(self, green: Fleet, share: float) -> None:
        self._share = 0.0
        self.green, self._owed = green, 0.0
        self._share = share

    def back_to_blue(self) -> None:
        self._share = 0.0
        self.green = None

    def mix(self) -> None:
        """Gives each instance of both fleets an equal share."""
        if self.green and self.blue:
            self._share = self.green.size / max(self.green.size + self.blue.size, 1)

    def settle(self, fleet: Fleet) -> None:
        """Gives one fleet all traffic."""
        self.blue = fleet
        self.back_to_blue()

    @property
    def fleets(self) -> list[Fleet]:
        """The fleets that get requests, and the one that waits for the others' failure."""
        return [fleet for fleet in (self.blue, self.green) if fleet]

    def close(self) -> list[Fleet]:
        """Takes all traffic away; returns the fleets that had it."""
        fleets = self.fleets
        self.back_to_blue()
        self.blue = None
        return fleets


class Deployment:
    """One exchange of fleets, from the first shift until the old fleet may end."""

    def __init__(self, plan: Plan, traffic: Traffic, region: str, pace: Pace, cancelled: threading.Event) -> None:
        self._plan, self._traffic, self._pace = plan, traffic, pace
        self._alarms = Alarms(plan.alarms, region)
        self._cancelled = cancelled
        self._deadline = time.monotonic() + pace.real(plan.timeout)
        self._unanswered = 0

    def run(self, green: Fleet, said: Callable[[str, float], None]) -> None:
        """Shifts the traffic step by step. Reports `ActivatingTraffic` and `Baking`, each with green's share.

        Raises:
            RolledBack: an alarm fired, or the time limit passed. Traffic stays as it is; `undo` shifts it back.
            JobFailure: an instance of a rolling deployment did not start.
        """
        for shift in self._plan.shifts:
            said("ActivatingTraffic", shift.share)
            if self._plan.rolling:
                green.scale(shift.share, self._cancelled)
            self._traffic.shift(green, shift.share)
            said("Baking", shift.share)
            self._bake(shift.wait)
            if self._plan.rolling and self._traffic.blue and shift.share < 1.0:
                self._traffic.blue.scale(1.0 - shift.share, self._cancelled)
        self._bake(self._plan.termination_wait)

    def undo(self) -> None:
        """Brings all traffic back to the old fleet, in its full size.

        Raises:
            JobFailure: an instance of the old fleet did not start again. Every instance of both fleets gets requests.
        """
        if self._traffic.blue:
            try:
                self._traffic.blue.scale(1.0, self._cancelled)
            except JobFailure:
                self._traffic.mix()
                raise
        self._traffic.back_to_blue()

    def _bake(self, seconds: float) -> None:
        end = time.monotonic() + self._pace.real(seconds)
        while True:
            self._check()
            left = end - time.monotonic()
            if left <= 0 or self._cancelled.wait(min(left, _POLL)):
                return

    def _check(self) -> None:
        if time.monotonic() > self._deadline:
            raise RolledBack("The deployment took longer than MaximumExecutionTimeoutInSeconds and was rolled back.")
        if not self._plan.alarms:
            return
        try:
            tripped = self._alarms.tripped()
        except (BotoCoreError, ClientError) as error:
            self._unanswered += 1
            if self._unanswered >= _MOST_UNANSWERED:
                raise RolledBack(f"The auto-rollback alarms could not be described: {error}") from error
            return
        self._unanswered = 0
        if tripped:
            raise RolledBack(
                f"One or more CloudWatch alarms in AutoRollbackConfiguration went into ALARM state: "
                f"{', '.join(sorted(tripped))}. The deployment was rolled back."
            )


FAILURES = (RolledBack, JobFailure)
