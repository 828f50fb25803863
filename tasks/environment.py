"""The environment variables that libraries read when they are imported. Disables the telemetry of all libraries.
Python searches for garbage less often from then on.

Importing `tasks` or `flows` prepares the environment. So every entry point does it: the command line, a Prefect worker
that loads `flows.lifecycle`, `python -m` and a test. Importing `config` alone changes nothing.
"""

import os
from contextlib import suppress
from pathlib import Path

from config import settings
from sagemaker_local.garbage import search_less_often
from sagemaker_local.loopback_only import UVICORN_PROTOCOL, UVICORN_VARIABLE
from sagemaker_local.private_files import private_folder

PRIVACY = {
    "DO_NOT_TRACK": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # the newer UI connects to an outside host in spite of these settings
    "SAGEMAKER_USER_CONFIG_OVERRIDE": str(settings.CONFIG / "sagemaker_sdk.yaml"),
    "SAGEMAKER_VALIDATE_ROLE": "false",
    UVICORN_VARIABLE: UVICORN_PROTOCOL,  # keeps web pages out of MLflow's and Prefect's servers
    "WHYLOGS_NO_ANALYTICS": "1",
}
"""Variables that override the user's."""

DEFAULTS = {
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",  # otherwise a call to an unreachable server takes minutes
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # seven processes for its jobs on generative AI
    "MLFLOW_WORKERS": "1",  # the user interface for one person
    "MPLBACKEND": "agg",
    "PREFECT_HOME": str(settings.STATE / "prefect"),
    "PREFECT_LOGGING_EXTRA_LOGGERS": "vishwaops",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "TQDM_DISABLE": "1",
}
"""Defaults that the user can override."""


def prepare() -> None:
    """Set the variables in this process's environment, which child processes inherit. Safe to repeat.

    Also creates the state folder and Prefect's folder, readable by this user only. A failure is ignored here: the code
    that writes there reports it.
    """
    search_less_often()
    os.environ.update(PRIVACY)
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    with suppress(OSError):
        private_folder(settings.STATE)
        private_folder(Path(os.environ["PREFECT_HOME"]))
