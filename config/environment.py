"""The environment variables that our libraries read: the one place where what they would send home is off."""

import os

from config import settings

PRIVACY = {
    "DO_NOT_TRACK": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # the newer UI asks an outside host even so
    "SAGEMAKER_USER_CONFIG_OVERRIDE": str(settings.CONFIG / "sagemaker_sdk.yaml"),
    "SAGEMAKER_VALIDATE_ROLE": "false",
    "WHYLOGS_NO_ANALYTICS": "1",
}
"""Holds whatever the user has set."""

DEFAULTS = {
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",  # else an unreachable server hangs for minutes
    "MPLBACKEND": "agg",
    "PREFECT_HOME": str(settings.STATE / "prefect"),
    "PREFECT_LOGGING_EXTRA_LOGGERS": "vishwaops",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "TQDM_DISABLE": "1",
}
"""Gives way to what the user has set."""


def prepare() -> None:
    """Set both in this process's environment, and so in its children's. Call before the libraries are imported."""
    os.environ.update(PRIVACY)
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
