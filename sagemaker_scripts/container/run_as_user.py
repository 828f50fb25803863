"""`run-as-user COMMAND ...`: runs a command as the image's user. A processing job's own ContainerEntrypoint uses it."""

import json
import os
import sys
from pathlib import Path

from container import folders, user
from container.failure import ContainerFailure


def main() -> int:
    """Give the job's outputs to the user, and replace this process by the command."""
    command = sys.argv[1:]
    if not command:
        print("run-as-user: expected a command, found none", flush=True)
        return 2
    base = folders.base()
    try:
        user.become(writes=[base / "output", *_outputs(base)])
        os.execvp(command[0], command)  # noqa: S606
    except ContainerFailure as problem:
        print(problem, flush=True)
    except OSError as error:
        print(f"{command[0]} can't be started: {error}", flush=True)
    return 1


def _outputs(base: Path) -> list[Path]:
    """The folders of ProcessingOutputConfig (Developer Guide, "How Amazon SageMaker Processing Configures Input and
    Output For Your Processing Container")."""
    config = base / "config" / "processingjobconfig.json"
    if not config.is_file():
        return []
    outputs = json.loads(config.read_text(encoding="utf-8")).get("ProcessingOutputConfig", {}).get("Outputs", [])
    paths = [output["S3Output"].get("LocalPath") for output in outputs if "S3Output" in output]
    return [base / Path(path).relative_to("/opt/ml") for path in paths if path and path.startswith("/opt/ml/")]
