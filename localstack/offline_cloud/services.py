"""The two services of the cloud: how each is started, where its files are, and its health check."""

import http.client
import json
import os
import sys
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offline_cloud.aws_environment import aws_environment
from offline_cloud.errors import LocalStackMissingError
from offline_cloud.ports import LOOPBACK

# The variables that LocalStack gets: its settings have common names (DEBUG, SERVICES, PERSISTENCE).
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ")
_no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Layout:
    """Where one cloud's files and ports are."""

    state_dir: Path
    localstack_env: Path
    ports: Mapping[str, int]

    def url(self, service: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[service]}"

    def folder(self, service: str) -> Path:
        return self.state_dir / service

    def log(self, service: str) -> Path:
        return log_path(self.state_dir, service)


@dataclass(frozen=True)
class Service:
    """One service; `name` is also the name of its folder and its log."""

    name: str
    title: str
    usual_port: int
    health_path: str
    stop_grace: float  # seconds between SIGTERM and SIGKILL
    command: Callable[[Layout], list[str | Path]]
    environment: Callable[[Layout], dict[str, str]]


def log_path(state_dir: Path, name: str) -> Path:
    return state_dir / "logs" / f"{name}.log"


def localstack_python(localstack_env: Path) -> Path:
    """The interpreter of LocalStack's environment.

    Raises LocalStackMissingError when the environment is not there or has no LocalStack in it.
    """
    python = localstack_env / "bin" / "python"
    installed = any(localstack_env.glob("lib/python3.*/site-packages/localstack/runtime/main.py"))
    if not (python.exists() and installed):
        raise LocalStackMissingError(
            f"LocalStack's environment is missing or incomplete: expected a Python environment with "
            f"localstack-core in {localstack_env}, found "
            f"{'one without LocalStack' if python.exists() else 'none'}. Run `make setup`."
        )
    return python


def answers(url: str, *, timeout: float = 2.0) -> bool:
    """Whether a GET of the URL gives a 2xx answer within `timeout` seconds."""
    return _body(url, timeout) is not None


def health(url: str, *, timeout: float = 2.0) -> dict[str, Any] | None:
    """A service's health answer; None when it gives no 2xx answer in JSON within `timeout` seconds."""
    try:
        answer = json.loads(_body(url, timeout) or b"")
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else {}


def _body(url: str, timeout: float) -> bytes | None:
    """The body of a 2xx answer to a GET; urllib raises HTTPError, an OSError, for any other."""
    try:
        with _no_proxy.open(url, timeout=timeout) as response:
            return bytes(response.read())
    except (OSError, http.client.HTTPException):
        return None


def _localstack_command(layout: Layout) -> list[str | Path]:
    # -P, because a folder named localstack on the path (ours) shadows the package.
    return [localstack_python(layout.localstack_env), "-P", Path(__file__).with_name("localstack_host.py")]


def _localstack_environment(layout: Layout) -> dict[str, str]:
    root = layout.folder("localstack")
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        **_interpreter_hooks(),
        "GATEWAY_LISTEN": f"{LOOPBACK}:{layout.ports['localstack']}",
        "LOCALSTACK_HOST": f"{LOOPBACK}:{layout.ports['localstack']}",
        "FILESYSTEM_ROOT": str(root),
        "TMPDIR": str(root),
        "HOME": str(root),
        "CONFIG_DIR": str(root / "config"),
        "OVERRIDE_IN_DOCKER": "0",  # inside any container it would use /var/lib/localstack and ping bridges
        "DOCKER_BRIDGE_IP": LOOPBACK,
        "DOCKER_HOST": f"unix://{root}/no-docker.sock",
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "EAGER_SERVICE_LOADING": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _interpreter_hooks() -> dict[str, str]:
    """PYTHONPATH with the folders that hook into every interpreter; libraries there are not LocalStack's."""
    entries = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    hooks = [entry for entry in entries if Path(entry, "sitecustomize.py").exists()]
    return {"PYTHONPATH": os.pathsep.join(hooks)} if hooks else {}


def _sagemaker_command(layout: Layout) -> list[str | Path]:
    return [
        sys.executable,
        *("-P", "-m", "sagemaker_local"),
        *("--host", LOOPBACK),
        *("--port", str(layout.ports["sagemaker"])),
        *("--state-dir", layout.folder("sagemaker")),
        *("--images-dir", layout.localstack_env.parent / "images"),  # environments live side by side
        "--page-before-filter",
    ]


def _sagemaker_environment(layout: Layout) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ours = aws_environment(layout.state_dir, layout.url("localstack"), layout.url("sagemaker"))
    # On AWS jobs and endpoints have no way to the internet.
    return {"SAGEMAKER_LOCAL_PACKAGE_INDEX": "refused", **others, **ours, "PYTHONUNBUFFERED": "1"}


LOCALSTACK = Service(
    name="localstack",
    title="LocalStack",
    usual_port=4566,
    health_path="/_localstack/health",
    stop_grace=0,  # it stores nothing, and its orderly end takes 2 s
    command=_localstack_command,
    environment=_localstack_environment,
)

SAGEMAKER = Service(
    name="sagemaker",
    title="SageMaker local",
    usual_port=4567,
    health_path="/_sagemaker_local/health",
    stop_grace=5,
    command=_sagemaker_command,
    environment=_sagemaker_environment,
)

# In the order in which they are stopped: SageMaker local's jobs still write to LocalStack.
SERVICES = (SAGEMAKER, LOCALSTACK)
