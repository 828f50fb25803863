"""SecondaryStatusTransitions of a training job, with AWS's messages."""

from __future__ import annotations

from typing import Any

_MESSAGES = {
    "Starting": "Starting the training job",
    "Pending": "Waiting for a free slot",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "The spot instances were interrupted",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job exceeded MaxWaitTimeInSeconds provided",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
}
_FINAL = {"Completed", "Failed", "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"}


def enter(body: dict[str, Any], status: str, now: float, message: str = "") -> None:
    """Ends the open transition and begins the next; a final one ends at once."""
    history = body.setdefault("SecondaryStatusTransitions", [])
    if history and "EndTime" not in history[-1]:
        history[-1]["EndTime"] = now
    entry = {"Status": status, "StartTime": now, "StatusMessage": message or _MESSAGES[status]}
    if status in _FINAL:
        entry["EndTime"] = now
    history.append(entry)
    body["SecondaryStatus"] = status


def say(body: dict[str, Any], message: str) -> None:
    """Changes the message of the open transition."""
    if body.get("SecondaryStatusTransitions"):
        body["SecondaryStatusTransitions"][-1]["StatusMessage"] = message
