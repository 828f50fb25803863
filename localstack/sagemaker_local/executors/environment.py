"""The environment variables that a job or container starts with."""

from __future__ import annotations

import os
from pathlib import Path

from sagemaker_local.container.packaging_step import ISOLATED
from sagemaker_local.container.toolkits import TOOLKIT
from sagemaker_local.sandbox import Workspace

_PACKAGES = Path(__file__).resolve().parents[2]
_MODULES = Path(__file__).resolve().parents[1] / "container" / "modules"
# Variables with which a script's boto3 reaches the same offline cloud. No others of the server are passed.
_PASSED_ON = ("AWS_", "SAGEMAKER_MLFLOW_", "NO_PROXY", "no_proxy")
# Folders of modules for every Python in a job: hooks, for instance for coverage or a network guard.
HOOKS = "SAGEMAKER_LOCAL_PYTHONPATH"


def base_environment(python: str, workspace: Workspace, region: str, image: str = "") -> dict[str, str]:
    """PATH with the interpreter first, its own home and /tmp, and the variables that point to the offline cloud.

    Args:
        python: the job's interpreter.
        workspace: the folders of the job.
        region: AWS region.
        image: the image's interpreter, if `python` is the job's own interpreter over it.
    """
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)}
    hooks = {name: os.environ[HOOKS] for name in (HOOKS, "PYTHONPATH") if HOOKS in os.environ}
    folders = [str(Path(each).parent) for each in (python, image) if each]
    return {
        "PATH": os.pathsep.join([*folders, os.environ.get("PATH", "/usr/bin:/bin")]),
        "HOME": str(workspace.root / "home"),
        "TMPDIR": str(workspace.root / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **hooks,
        **passed_on,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


def toolkit_environment(base: str, toolkit: str, *, isolated: bool) -> dict[str, str]:
    """Further variables for our container programs.

    Args:
        base: their path of /opt/ml.
        toolkit: the image's toolkit for this kind of container.
        isolated: whether it has EnableNetworkIsolation.
    """
    return {
        TOOLKIT: toolkit,
        ISOLATED: str(int(isolated)),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(_PACKAGES), os.environ.get(HOOKS)])),
        "SAGEMAKER_BASE_DIR": base,
        "SAGEMAKER_LOCAL_MODULES": str(_MODULES),
    }
