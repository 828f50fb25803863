"""The one place where what our libraries would send home is switched off."""

import os
from pathlib import Path

SWITCHES = {
    "DO_NOT_TRACK": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # the newer UI asks an outside host even so
    "SAGEMAKER_USER_CONFIG_OVERRIDE": str(Path(__file__).parent / "sagemaker_sdk.yaml"),
    "SAGEMAKER_VALIDATE_ROLE": "false",
    "WHYLOGS_NO_ANALYTICS": "1",
}


def switch_telemetry_off() -> None:
    """Set every switch in this process's environment, and so in its children's."""
    os.environ.update(SWITCHES)
