"""Prefect hooks of a flow: they stop the jobs of a killed flow run, and notify people of a failure."""

import os
import re
from threading import Thread
from typing import Any

from prefect.utilities.urls import url_for

from config.profile import active_profile
from config.use_case import load_use_case
from flows.session.runtime import SAGEMAKER_ENDPOINT_VARIABLE
from tasks.notifications import FailedRun, send
from tasks.progress import log
from tasks.sagemaker.job_list import stop_jobs_of_flow_run

LONGEST_SECONDS = 20.0
"""How long the end of a flow run waits for its notifications."""
ERROR = re.compile(r"exception: (?P<error>[A-Za-z_]\w*)")
"""The class of the error in the message of a state."""


def notify(flow: Any, flow_run: Any, state: Any) -> None:
    """Send the profile's `notifications` of a failed flow run. For `on_failure` and `on_crashed`.

    It neither fails nor delays the end of the flow run for longer than LONGEST_SECONDS.
    """
    notifications = active_profile().notifications
    if not (notifications.webhooks or notifications.mail):
        return
    sending = Thread(target=send, args=(notifications, _failed_run(flow, flow_run, state)), name="notify", daemon=True)
    sending.start()
    sending.join(LONGEST_SECONDS)
    if sending.is_alive():
        log.warning("notify    not sent within %.0f s: the flow run ends without it", LONGEST_SECONDS)


def _failed_run(flow: Any, flow_run: Any, state: Any) -> FailedRun:
    error = ERROR.search(state.message or "")
    return FailedRun(
        flow=flow.name,
        use_case=flow_run.parameters.get("use_case"),
        environment=active_profile().environment,
        state=state.name or state.type.value.title(),
        error=error and error["error"],
        flow_run=str(flow_run.id),
        name=flow_run.name,
        url=url_for("flow-run", obj_id=flow_run.id),
    )


def stop_jobs(flow: Any, flow_run: Any, state: Any) -> None:
    """Stop the jobs of this flow run that are in progress. For `on_cancellation` and `on_crashed`.

    A run normally stops its own jobs. This hook is for a run whose process was killed. An offline cloud that this
    process had started has ended with it.
    """
    if active_profile().offline and SAGEMAKER_ENDPOINT_VARIABLE not in os.environ:
        return
    names = stop_jobs_of_flow_run(load_use_case(flow_run.parameters["use_case"]), str(flow_run.id))
    if names:
        log.warning("%s: stopped after the run %s: %s", flow_run.name, state.name, ", ".join(names))


ENDINGS: dict[str, Any] = {"on_failure": [notify], "on_crashed": [notify]}
"""The hooks of every flow."""
JOB_ENDINGS: dict[str, Any] = {**ENDINGS, "on_cancellation": [stop_jobs], "on_crashed": [stop_jobs, notify]}
"""The hooks of a flow that starts SageMaker jobs."""
