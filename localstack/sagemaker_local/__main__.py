"""`python -m sagemaker_local`: starts the server."""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

from sagemaker_local import images, interpreter
from sagemaker_local.behaviour import Behaviour
from sagemaker_local.clock import Pace
from sagemaker_local.docker import DockerMissing
from sagemaker_local.executors import memory
from sagemaker_local.garbage import search_less_often
from sagemaker_local.private_files import private_folder, write_private
from sagemaker_local.sandbox import ISOLATIONS, IsolationUnavailable

_CONTAINERS = ("environments", "docker")
_QUOTAS = "SAGEMAKER_LOCAL_QUOTAS"


def main() -> None:
    """Reads the arguments, serves until SIGTERM or SIGINT, and then ends everything that it started."""
    search_less_often()
    arguments = _arguments()
    state: Path = arguments.state_dir
    private_folder(state)
    os.environ.setdefault(images.VARIABLE, str(state.resolve().parent / "images"))
    for variable, given in (
        (images.VARIABLE, arguments.images_dir),
        (memory.VARIABLE, arguments.memory_limit),
        (interpreter.VARIABLE, arguments.package_index),
    ):
        if given is not None:
            os.environ[variable] = str(given)
    listener = _listener(arguments.host, arguments.port)
    port = listener.getsockname()[1]

    import uvicorn

    from sagemaker_local.application import build
    from sagemaker_local.invocation_protocol import InvocationProtocol
    from sagemaker_local.loopback_uvicorn import server_config

    pace = Pace(arguments.time_scale)
    try:
        application = build(
            state,
            arguments.account,
            arguments.region,
            arguments.max_jobs,
            arguments.isolation,
            pace,
            real_containers=arguments.containers == "docker",
            behaviour=Behaviour(arguments.page_before_filter, dict(arguments.quota or _quotas_of_environment())),
        )
    except (DockerMissing, IsolationUnavailable) as missing:
        sys.exit(f"SageMaker local can't start: {missing}")
    listener.listen()  # a client that reads server.json may connect at once: it waits until the server accepts
    write_private(state / "server.json", json.dumps({"host": arguments.host, "port": port, "pid": os.getpid()}))
    print(f"SageMaker local listens on http://{arguments.host}:{port}", flush=True)  # noqa: T201
    threading.Thread(target=application.warm_up, daemon=True).start()
    config = server_config(application.server, keep_alive=75, graceful_shutdown=2, protocol=InvocationProtocol)
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again once it has stopped
        signal.signal(number, lambda *_: sys.exit(0))
    gc.freeze()  # these objects stay: no later search looks at them
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        application.shutdown()
        (state / "server.json").unlink(missing_ok=True)
        shutil.rmtree(state / "work", ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sagemaker_local", description="An offline SageMaker.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=4567, help="0 takes a free one")
    parser.add_argument("--state-dir", type=Path, required=True, help="folder of the state")
    parser.add_argument("--account", default="000000000000", help="account number in ARNs")
    parser.add_argument("--region", default=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"))
    parser.add_argument("--max-jobs", type=int, default=(os.cpu_count() or 1) + 1, help="jobs that run at once")
    parser.add_argument(
        "--time-scale",
        type=_positive,
        default=os.environ.get("SAGEMAKER_LOCAL_TIME_SCALE", "1"),
        help="factor by which waiting times are shorter than on AWS: those of endpoint deployments, and the 120 s in "
        "which a stopped job must end (default: 1, or the variable SAGEMAKER_LOCAL_TIME_SCALE)",
    )
    parser.add_argument("--images-dir", type=Path, help="folder of the images (default: next to the state)")
    parser.add_argument(
        "--memory-limit",
        metavar="PART",
        help="end jobs that use more than this share (0 to 1) of their instance type's memory (default: no limit)",
    )
    parser.add_argument(
        "--isolation",
        choices=tuple(ISOLATIONS),
        help="how each job gets its own /opt/ml (default: the first of these that works on this machine)",
    )
    parser.add_argument(
        "--package-index",
        choices=interpreter.CHOICES,
        help="whether jobs and containers may install from a package index; `refused` also refuses every connection "
        f"of theirs that leaves this machine (default: allowed, or the variable {interpreter.VARIABLE})",
    )
    parser.add_argument(
        "--containers",
        type=_containers,
        default=os.environ.get("SAGEMAKER_LOCAL_CONTAINERS") or _CONTAINERS[0],
        help="how training and processing jobs run: in `environments` that replace their images, or by `docker`, which "
        "runs the images themselves (default: environments, or the variable SAGEMAKER_LOCAL_CONTAINERS)",
    )
    parser.add_argument(
        "--page-before-filter",
        action="store_true",
        help="read a page of MaxResults in a List before its filters are applied, as AWS does: a page may be empty and "
        "have a NextToken",
    )
    parser.add_argument(
        "--quota",
        type=_quota,
        action="append",
        metavar="TYPE=COUNT",
        help="how many instances of a type may run at once for training jobs, and as many for processing jobs, "
        "transform jobs and endpoints each; may be repeated (default: no limit, or the variable "
        f"{_QUOTAS}, such as ml.m5.large=4,ml.g5.xlarge=0)",
    )
    return parser.parse_args()


def _quota(text: str) -> tuple[str, int]:
    instance_type, _, count = text.strip().partition("=")
    if not instance_type.startswith("ml.") or not count.isdecimal():
        raise argparse.ArgumentTypeError(f"it must be an instance type and a number, as ml.m5.large=4; it is {text}")
    return instance_type, int(count)


def _quotas_of_environment() -> list[tuple[str, int]]:
    try:
        return [_quota(text) for text in os.environ.get(_QUOTAS, "").split(",") if text.strip()]
    except argparse.ArgumentTypeError as error:
        sys.exit(f"SageMaker local can't start: {_QUOTAS}: {error}")


def _containers(text: str) -> str:
    if text not in _CONTAINERS:
        raise argparse.ArgumentTypeError(f"it must be {' or '.join(_CONTAINERS)}; it is {text}")
    return text


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"it must be a number above 0; it is {text}")
    return number


def _listener(host: str, port: int) -> socket.socket:
    # With the protocol named, asyncio sends small answers at once (TCP_NODELAY).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        sys.exit(f"SageMaker local can't listen on {host}:{port}: {error}. Choose another with --port, or --port 0.")
    return listener


if __name__ == "__main__":
    main()
