"""`vishwaops prefect ...` and `vishwaops mlflow ...`: the tools themselves, with the project's environment.

By themselves they would keep their state elsewhere, and send telemetry.
"""

import os
import sys
from collections.abc import Sequence

TOOLS = {
    "prefect": "Prefect's own command, with this project's settings.",
    "mlflow": "MLflow's own command, with this project's settings: vishwaops mlflow ui",
}


def run_tool(name: str, arguments: Sequence[str]) -> None:
    """Become the tool. `config` has prepared the environment already."""
    if name == "mlflow":
        from tasks.tracking import prepare_database, tracking_uri

        uri = tracking_uri()
        os.environ.setdefault("MLFLOW_TRACKING_URI", uri)
        os.environ.setdefault("MLFLOW_BACKEND_STORE_URI", uri)
        prepare_database(uri)
    module = "flows.prefect_command" if name == "prefect" else name
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606
