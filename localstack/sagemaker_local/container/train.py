"""A framework container in script mode: sets the SM_ environment, runs the user's script, reports its failure.

Source of the contract: aws/sagemaker-training-toolkit (`environment.py`, `mapping.py`, `process.py`, `errors.py`) and
aws/sagemaker-containers (`_modules.py`, `_process.py`, `_trainer.py`); `toolkits.py` has their differences. Neither
handles SIGTERM: when a job is stopped, the container ends, and the script with it. Everything is read from
`<base>/input/config`, where `<base>` is SAGEMAKER_BASE_DIR or /opt/ml.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from sagemaker_local.container import arguments, packaging_step, requirements
from sagemaker_local.container.toolkits import TOOLKIT, TRAINING

CAPTURE_ERROR = "SAGEMAKER_LOCAL_CAPTURE_ERROR"
"""The variable that is 1 if the image puts the script's own error into the FailureReason."""
_SCRIPT_ERROR = "ExecuteUserScriptError"
_PREFIX = "sagemaker_"
_OWN = {"_tuning_objective_metric"}
_ERROR_LINES = 60
_TAIL = 1 << 16  # bytes of standard error for the FailureReason
_LONGEST_FAILURE = 1024
_LAST_OUTPUT = 2.0  # seconds to read the last output


class TrainingEnvironment:
    """The container's configuration, and the variables and arguments that the script gets from it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        config = base / "input" / "config"
        raw = _read(config / "hyperparameters.json")
        every = {name: decoded(value) for name, value in raw.items()}
        self.framework = {name: value for name, value in every.items() if name.startswith(_PREFIX)}
        self.hyperparameters = {
            name: value for name, value in every.items() if name not in self.framework and name not in _OWN
        }
        self.channels = _read(config / "inputdataconfig.json")
        self.resources = _read(config / "resourceconfig.json")

    @property
    def program(self) -> str:
        """The script's name, below the code folder."""
        return str(os.environ.get("SAGEMAKER_PROGRAM") or self.framework.get("sagemaker_program", ""))

    @property
    def module(self) -> str:
        return self.program.removesuffix(".py")

    @property
    def code(self) -> Path:
        return self.base / "code"

    def arguments(self) -> list[str]:
        """`--name value …` in the order of the names, as the toolkit's `to_cmd_args` makes them."""
        pairs = [(_flag(name), _argument(value)) for name, value in sorted(self.hyperparameters.items())]
        return [word for pair in pairs for word in pair]

    def variables(self) -> dict[str, str]:
        """The SM_ variables."""
        found = self._settings()
        found["training_env"] = {**found, "job_name": os.environ.get("TRAINING_JOB_NAME", "")}
        found.update({f"channel_{name}": str(self.base / "input" / "data" / name) for name in self.channels})
        found.update({f"hp_{name}": value for name, value in self.hyperparameters.items()})
        return {f"SM_{name.upper()}": _variable(value) for name, value in found.items()}

    def _settings(self) -> dict[str, Any]:
        name = self.program
        output = self.base / "output"
        return {
            "hosts": self.resources["hosts"],
            "current_host": self.resources["current_host"],
            "network_interface_name": self.resources["network_interface_name"],
            "resource_config": self.resources,
            "hps": self.hyperparameters,
            "user_args": self.arguments(),
            "user_entry_point": name,
            "module_name": self.module,
            "module_dir": self.framework.get("sagemaker_submit_directory", str(self.code)),
            "framework_params": self.framework,
            "log_level": self.framework.get("sagemaker_container_log_level", 20),
            "channels": sorted(self.channels),
            "input_data_config": self.channels,
            "input_dir": str(self.base / "input"),
            "input_config_dir": str(self.base / "input" / "config"),
            "output_dir": str(output),
            "output_data_dir": str(output / "data"),
            "output_intermediate_dir": str(output / "intermediate"),
            "model_dir": str(self.base / "model"),
            "current_instance_type": self.resources.get("current_instance_type", ""),
            "current_instance_group": self.resources.get("current_group_name", ""),
            "current_instance_group_hosts": self._group_hosts(),
            "instance_groups": [group["instance_group_name"] for group in self.resources.get("instance_groups", [])],
            "instance_groups_dict": {
                group["instance_group_name"]: group for group in self.resources.get("instance_groups", [])
            },
            "is_hetero": len(self.resources.get("instance_groups", [])) > 1,
            "is_master": self.resources["current_host"] == sorted(self.resources["hosts"])[0],
            "num_cpus": int(os.environ.get("SAGEMAKER_LOCAL_CPUS") or os.cpu_count() or 1),
            "num_gpus": 0,
        }

    def _group_hosts(self) -> list[str]:
        mine = self.resources.get("current_group_name")
        groups = self.resources.get("instance_groups", [])
        return [host for group in groups if group["instance_group_name"] == mine for host in group["hosts"]]


class ContainerFailure(Exception):
    """The container fails; the text goes to /opt/ml/output/failure."""


def main() -> int:
    """Runs the user's script and returns the exit code of the container."""
    environment = TrainingEnvironment(Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")))
    try:
        _install(environment)
        _run_script(environment)
    except ContainerFailure as failure:
        return _fail(environment, str(failure))
    return 0


def _install(environment: TrainingEnvironment) -> None:
    toolkit = TRAINING[os.environ[TOOLKIT]]
    try:
        if toolkit.as_package:
            packaging_step.install(environment.code, environment.module)
        else:
            requirements.install(environment.code / "requirements.txt")
    except packaging_step.InstallModuleError as error:
        raise ContainerFailure(toolkit.failure("InstallModuleError", 1, "", str(error))) from error
    except requirements.InstallRequirementsError as error:
        output = str(error) if _captures_error() else ""
        command = f"{sys.executable} -m pip install -r requirements.txt"
        raise ContainerFailure(toolkit.failure("InstallRequirementsError", 1, output, command)) from error


def _run_script(environment: TrainingEnvironment) -> None:
    toolkit = TRAINING[os.environ[TOOLKIT]]
    program = ["-m", environment.module] if toolkit.as_package else [environment.program]
    command = [sys.executable, *program, *environment.arguments()]
    print(f"Invoking script with the following command:\n\n{' '.join(command)}\n", flush=True)  # noqa: T201
    path = os.pathsep.join(filter(None, [str(environment.code), os.environ.get("SAGEMAKER_LOCAL_PYTHONPATH")]))
    script = {**os.environ, **environment.variables(), "PYTHONPATH": path}
    try:
        code, errors = run(command, script, environment.code)
    except OSError as error:
        too_long = error.errno == errno.E2BIG
        reason = arguments.problem(command, script) if too_long else f"The script can't be started: {error}"
        raise ContainerFailure(f"{_SCRIPT_ERROR}:\n{reason}") from error
    if code:
        output = errors if _captures_error() else ""
        raise ContainerFailure(toolkit.failure(_SCRIPT_ERROR, code, output, " ".join(command)))


def _captures_error() -> bool:
    return os.environ.get(CAPTURE_ERROR) == "1"


def run(command: list[str], environment: dict[str, str], directory: Path) -> tuple[int, str]:
    """Runs a command, and returns its exit code and the end of its standard error.

    A process that it leaves behind may hold its output open; the container ends all the same.
    """
    process = subprocess.Popen(command, env=environment, cwd=directory, stderr=subprocess.PIPE)
    last = b""

    def copy() -> None:
        nonlocal last
        while process.stderr and (chunk := os.read(process.stderr.fileno(), _TAIL)):
            last = (last + chunk)[-_TAIL:]
            while chunk:
                chunk = chunk[os.write(1, chunk) :]

    reader = threading.Thread(target=copy, daemon=True)
    reader.start()
    code = process.wait()
    reader.join(_LAST_OUTPUT)
    return code, _error_message(last.decode(errors="replace").splitlines(keepends=True)[-_ERROR_LINES:])


def decoded(value: str) -> Any:
    """A hyperparameter, which the SDK sends as JSON, and others as plain text."""
    try:
        return json.loads(value)
    except (ValueError, TypeError, RecursionError):
        return value


def _error_message(lines: list[str]) -> str:
    starts = [index for index, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
    text = "".join(lines[starts[-1] :] if starts else lines[-10:]).strip()
    return text[-600:]


def _fail(environment: TrainingEnvironment, message: str) -> int:
    """Writes the reason over the one that the script may have written, as the toolkits do."""
    (environment.base / "output" / "failure").write_text(message[:_LONGEST_FAILURE])
    print(message, flush=True)  # noqa: T201
    return 1


def _flag(name: str) -> str:
    return f"--{name}" if len(name) > 1 else f"-{name}"


def _argument(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}={item}" for key, item in sorted(value.items()))
    return "" if value is None else str(value)


def _variable(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))


if __name__ == "__main__":
    sys.exit(main())
