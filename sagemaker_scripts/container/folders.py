"""Where SageMaker mounts a container's files."""

import os
from pathlib import Path


def base() -> Path:
    """/opt/ml, unless SAGEMAKER_BASE_DIR names another folder."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def python_path(code: Path) -> str:
    """The PYTHONPATH with which the modules in `code` are found first."""
    return os.pathsep.join(filter(None, [str(code), os.environ.get("PYTHONPATH")]))
