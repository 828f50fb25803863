"""Prefect hooks of a flow: they stop the jobs of a flow run whose process was killed."""

import os
from typing import Any

from config.profile import active_profile
from config.use_case import load_use_case
from flows.session.runtime import SAGEMAKER_ENDPOINT_VARIABLE
from tasks.progress import log
from tasks.sagemaker.job_list import stop_jobs_of_flow_run


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
