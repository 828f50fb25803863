"""From a monitoring report to the reason for a retraining. Pure, and without any value of a row."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from config.retraining import Retraining
from tasks.references import Loss, MonitoringReport

NAMED = 5
"""The drifted features that a reason names: the worst ones."""


class Reason(BaseModel):
    """Why a model is to be trained again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["quality", "drift"]
    text: str


def reason_to_retrain(policy: Retraining, report: MonitoringReport) -> Reason | None:
    """Return why the report calls for a retraining, or None.

    A known loss decides, measured or estimated. Drift does only where no loss is known, with `on_drift`.
    """
    if is_known(report.loss):
        return loss_of_quality(policy, report)
    return drift(report) if policy.on_drift else None


def is_known(loss: Loss | None) -> bool:
    """Whether there were enough rows for an interval of the loss."""
    return loss is not None and loss.low is not None


def loss_of_quality(policy: Retraining, report: MonitoringReport) -> Reason | None:
    """Return the loss of the report as a reason, if its interval is above 0 and it is at least `policy.loss`."""
    loss = report.loss
    if loss is None or loss.low is None or loss.low <= 0 or loss.loss < policy.loss:
        return None
    group = loss.group.partition("=")[0]
    where = f", in a group of {group}" if group else ""
    text = f"{loss.kind} {loss.metric} is {loss.loss:.4f} worse than on the held-out rows (at least {loss.low:.4f})"
    return Reason(kind="quality", text=text + where)


def drift(report: MonitoringReport) -> Reason | None:
    """Return the drift of the report as a reason, if there is any."""
    if report.verdict != "drift":
        return None
    worst = [f"{each.feature} (PSI {each.psi:.3f})" for each in report.drifted[:NAMED]]
    more = len(report.drifted) - len(worst)
    names = ", ".join(worst) + (f" and {more} more" if more else "")
    return Reason(kind="drift", text=f"drift of {names} in {report.counts.rows:,} rows")
