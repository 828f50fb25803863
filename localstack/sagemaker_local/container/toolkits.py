"""The toolkits of images, and what differs between them. An image names its own in `image.toml`.

Sources: aws/sagemaker-containers 2.8.6.post2 (`_modules.py`, `_process.py`, `_errors.py`, `_server.py`, `_env.py`),
aws/sagemaker-training-toolkit 5.1.0 (`entry_point.py`, `process.py`, `errors.py`), aws/sagemaker-inference-toolkit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

TOOLKIT = "SAGEMAKER_LOCAL_TOOLKIT"
"""The variable that has the toolkit's name in a job or container."""
_TIMEOUT = 60.0


@dataclass(frozen=True)
class TrainingToolkit:
    """How a container runs a training script."""

    as_package: bool
    """The code becomes a package by `pip install .`, and runs as a module. Else the file runs, and only its
    requirements are installed."""
    failure: Callable[[str, int, str, str], str]
    """The text of /opt/ml/output/failure, from the error's name, the exit code, the script's own error, which is empty
    unless the image captures it, and the command."""


@dataclass(frozen=True)
class ServingToolkit:
    """How a container serves a script."""

    flask: bool
    """A Flask application answers behind gunicorn and nginx. Else Multi Model Server does."""
    as_package: bool
    """As in `TrainingToolkit`."""
    timeout: float | None
    """Seconds in which a worker must answer, unless SAGEMAKER_MODEL_SERVER_TIMEOUT names others; None: no limit."""


def _without_exit_code(error: str, code: int, output: str, command: str) -> str:
    return f'{error}:\nCommand "{command}"' + (f"\n{output}" if output else "")


def _with_exit_code(error: str, code: int, output: str, command: str) -> str:
    return f'{error}:\nExitCode {code}\nErrorMessage "{output}"\nCommand "{command}"'


PROGRAMS = "programs"
"""No toolkit: the image's own programs `train` and `serve` run, as `docker run <image> train` does on AWS."""
TRAINING = {
    "sagemaker-containers": TrainingToolkit(as_package=True, failure=_without_exit_code),
    "sagemaker-training": TrainingToolkit(as_package=False, failure=_with_exit_code),
}
SERVING = {
    "sagemaker-containers": ServingToolkit(flask=True, as_package=True, timeout=_TIMEOUT),
    "sagemaker-inference": ServingToolkit(flask=False, as_package=False, timeout=None),
}
TRAINING_CHOICES, SERVING_CHOICES = (*TRAINING, PROGRAMS), (*SERVING, PROGRAMS)
"""What `image.toml` may name."""
MULTI_MODEL = "sagemaker-inference"
"""Serves every MultiModel container: SAGEMAKER_MULTI_MODEL starts Multi Model Server in all of AWS's images."""
