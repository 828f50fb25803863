"""`vishwaops prefect ...` and `vishwaops mlflow ...`: the tools' own commands, with the project's environment.

Without it, they would store their state elsewhere and send telemetry.
"""

import os
import sys
from collections.abc import Sequence

from flows.commands.subcommand import Subcommands, default_profile

TOOLS = {
    "prefect": "Prefect's own command, with this project's settings.",
    "mlflow": "MLflow's own command, with this project's settings: vishwaops mlflow ui",
}


def add_to(commands: Subcommands) -> None:
    """Add both tools. They parse all further arguments themselves."""
    for name, help_text in TOOLS.items():
        tool = commands.add_parser(name, help=help_text, add_help=False)
        tool.set_defaults(command=lambda options, name=name: run_tool(name, options.rest), profile=default_profile())


def run_tool(name: str, arguments: Sequence[str]) -> None:
    """Replace this process by the tool. The environment is already prepared."""
    if name == "mlflow":
        from tasks.experiments.tracking import prepare_database, tracking_uri

        uri = tracking_uri()
        os.environ.setdefault("MLFLOW_TRACKING_URI", uri)
        os.environ.setdefault("MLFLOW_BACKEND_STORE_URI", uri)
        prepare_database(uri)
    os.execv(sys.executable, [sys.executable, "-m", _module(name, arguments), *arguments])  # noqa: S606


def _module(name: str, arguments: Sequence[str]) -> str:
    if name != "prefect":
        return name
    from flows.session.flow_run_supervisor import runs_flows

    return "flows.session.flow_run_supervisor" if runs_flows(arguments) else "flows.session.prefect_command"
