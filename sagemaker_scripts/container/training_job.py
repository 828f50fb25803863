"""A training job as its container sees it: files below /opt/ml/input/config.

Sources: SageMaker Developer Guide, "How Amazon SageMaker AI Provides Training Information"; the names of the SM_
variables are those of aws/sagemaker-training-toolkit, which the scripts read in AWS's images.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from container.failure import ContainerFailure

PROGRAM = "sagemaker_program"
"""The hyperparameter that names the script."""
CODE = "code"
"""The input channel with the scripts: an archive, or files."""
_RESERVED = ("sagemaker_", "_tuning_objective_metric")


@dataclass(frozen=True)
class TrainingJob:
    """The configuration of a job: hyperparameters by name, channels, and the hosts."""

    base: Path
    program: str
    hyperparameters: dict[str, Any]
    channels: tuple[str, ...]
    hosts: tuple[str, ...]
    current_host: str

    @classmethod
    def read(cls, base: Path) -> Self:
        """Read the job below `base`. Raises ContainerFailure when a file or the script's name is missing."""
        given = {name: _decoded(value) for name, value in _config(base, "hyperparameters").items()}
        resources = _config(base, "resourceconfig")
        if not (program := str(given.get(PROGRAM, ""))):
            raise ContainerFailure(f"HyperParameters: expected {PROGRAM}, the script in the channel {CODE}; found none")
        return cls(
            base=base,
            program=program,
            hyperparameters={name: value for name, value in given.items() if not name.startswith(_RESERVED)},
            channels=tuple(sorted(_config(base, "inputdataconfig"))),
            hosts=tuple(resources["hosts"]),
            current_host=resources["current_host"],
        )

    @property
    def code(self) -> Path:
        """The folder that the script runs in."""
        return self.base / "code"

    @property
    def outputs(self) -> tuple[Path, ...]:
        """The folders that the job writes to."""
        return (self.base / "model", self.base / "output" / "data", self.code, self.base / "checkpoints")

    def channel(self, name: str) -> Path:
        """The folder of an input channel."""
        return self.base / "input" / "data" / name

    def arguments(self) -> list[str]:
        """The hyperparameters as `--name value`, by name. Values that are no texts are Python literals."""
        return [word for name, value in sorted(self.hyperparameters.items()) for word in (f"--{name}", str(value))]

    def variables(self) -> dict[str, str]:
        """The SM_ variables: paths, channels, hosts, the number of processors, and the hyperparameters."""
        found = {
            "MODEL_DIR": self.base / "model",
            "INPUT_DIR": self.base / "input",
            "INPUT_CONFIG_DIR": self.base / "input" / "config",
            "OUTPUT_DIR": self.base / "output",
            "OUTPUT_DATA_DIR": self.base / "output" / "data",
            "CHANNELS": json.dumps(self.channels),
            "HOSTS": json.dumps(self.hosts),
            "CURRENT_HOST": self.current_host,
            "NUM_CPUS": len(os.sched_getaffinity(0)),
            "HPS": json.dumps(self.hyperparameters, sort_keys=True),
            **{f"CHANNEL_{name.upper()}": self.channel(name) for name in self.channels},
            **{f"HP_{name.upper()}": value for name, value in self.hyperparameters.items()},
        }
        return {f"SM_{name}": str(value) for name, value in found.items()}


def _config(base: Path, name: str) -> dict[str, Any]:
    path = base / "input" / "config" / f"{name}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if name == "resourceconfig":
            raise ContainerFailure(f"{path}: expected a file that SageMaker writes, found none") from None
        return {}  # a job without hyperparameters or channels
    except (OSError, ValueError) as error:
        raise ContainerFailure(f"{path}: expected a JSON file that SageMaker writes; {error}") from error
    return dict(content)


def _decoded(value: Any) -> Any:
    """A hyperparameter: SageMaker's SDK sends JSON, other clients plain text."""
    try:
        return json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return value
