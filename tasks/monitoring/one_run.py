"""One run of the flow `monitor` at a time for each use case.

reports/running.json names the run in progress. It is written by a conditional write. A run whose heartbeat has stopped,
or that has ended, holds it no longer.
"""

import json

from config.errors import VishwaOpsError
from tasks import heartbeats, locations, storage


def claim(use_case: str, run: str) -> None:
    """Begin a run. Raises VishwaOpsError when another one is in progress."""
    uri = f"{locations.monitoring_reports(use_case)}/running.json"
    try:
        content, seen = storage.get_version(uri)
    except FileNotFoundError:
        holder, seen = None, None
    else:
        holder = json.loads(content)["run"]
    if holder and holder != run and heartbeats.life(heartbeats.find_heartbeat(use_case, holder)) == "alive":
        raise _in_progress(use_case, holder)
    try:
        storage.put_if(uri, json.dumps({"run": run}).encode(), seen)
    except storage.Changed as error:
        raise _in_progress(use_case, "that started at the same time") from error


def _in_progress(use_case: str, run: str) -> VishwaOpsError:
    return VishwaOpsError(
        f"{use_case}: expected no other run of monitor, found the run {run}. Wait until it ends, and run again. See: "
        f"vishwaops runs list --use-case {use_case}"
    )
