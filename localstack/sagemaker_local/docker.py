"""Real containers, with `--containers docker`: the command line of `docker run`, and how containers start and stop.

Jobs share the host's network, so that 127.0.0.1 leads to the offline cloud as it does without Docker.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from sagemaker_local.errors import JobFailure
from sagemaker_local.sandbox import Process, Sandbox

LABEL = "sagemaker-local.state"
OUT_OF_MEMORY = 137  # Docker's exit code of a container that was killed, as the kernel does at the memory limit
_IMAGE = re.compile(r"[A-Za-z0-9][\w./:@-]*")
_POLL = 0.2
_ANSWER = 30.0  # seconds in which the engine must answer
# Variables of the cloud that name files of this machine, which a container does not see.
_FILES = {"AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE", "AWS_DATA_PATH"}
_PASSED_ON = ("AWS_", "SAGEMAKER_MLFLOW_", "NO_PROXY", "no_proxy")


class DockerMissing(Exception):
    """Docker is missing, or its engine does not answer; the text says what to do."""


@dataclass(frozen=True)
class Container:
    """The settings of one container for `docker run`."""

    name: str
    image: str
    folder: Path
    """Mounted as /opt/ml."""
    command: list[str]
    """The arguments after the image: `train`, or the job's own."""
    environment: dict[str, str]
    entrypoint: list[str] = field(default_factory=list)
    """Replaces the image's own entrypoint, if not empty."""
    network: bool = True
    hostname: str = ""
    names: dict[str, str] = field(default_factory=dict)
    """Addresses of the other instances, by their names."""
    cpus: int = 1
    memory: int = 0
    """Bytes; 0 for no limit."""


def run_line(docker: str, label: str, container: Container) -> list[str]:
    """The command that runs a container in the foreground.

    A variable that it shares with this process is passed by name only, so that `ps` shows no credentials.
    """
    line = [docker, "run", "--rm", "--pull", "never", "--name", container.name, "--label", label]
    line += ["--network", "host" if container.network else "none"]
    line += ["--hostname", container.hostname] if container.hostname else []
    for name, address in container.names.items():
        line += ["--add-host", f"{name}:{address}"]
    line += ["--cpus", str(container.cpus)]
    line += ["--memory", str(container.memory)] if container.memory else []
    line += ["-v", f"{container.folder}:/opt/ml"]
    for name, value in container.environment.items():
        line += ["-e", name if os.environ.get(name) == value else f"{name}={value}"]
    line += ["--entrypoint", container.entrypoint[0]] if container.entrypoint else []
    return [*line, container.image, *container.entrypoint[1:], *container.command]


def container_environment(region: str) -> dict[str, str]:
    """The variables that point to the offline cloud; no others of the server's environment are passed."""
    found = {k: v for k, v in os.environ.items() if k.startswith(_PASSED_ON) and k not in _FILES}
    endpoint = found.get("AWS_ENDPOINT_URL_S3") or found.get("AWS_ENDPOINT_URL")
    # AWS's training toolkit reads this one, as in the SDK's local mode.
    s3 = {"S3_ENDPOINT_URL": endpoint} if endpoint else {}
    return {**found, **s3, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}


class Docker:
    """The engine of this machine, and the containers of the server on one state folder."""

    def __init__(self, state: Path, sandbox: Sandbox) -> None:
        """Raises DockerMissing where it does not answer."""
        self._program = _answering_docker()
        self._sandbox = sandbox
        self._label = f"{LABEL}={sha256(str(state.resolve()).encode()).hexdigest()[:12]}"
        # Images run as root; the files that they write are given to the user who runs the server.
        self._owner = f"{os.getuid()}:{os.getgid()}" if os.getuid() else ""

    def provide(self, image: str, say: Callable[[str], None], stopping: threading.Event) -> None:
        """Pulls an image that is missing; stops when `stopping` is set.

        Raises:
            JobFailure: the name is invalid, or the image can't be pulled.
        """
        if not _IMAGE.fullmatch(image):  # Docker must not read it as an option
            raise JobFailure(f"ClientError: {image!r} is not the name of an image.")
        if self._ask("image", "inspect", image).returncode == 0:
            return
        say(f"Docker pulls {image}.")
        pulling = self._sandbox.start_watched([self._program, "pull", "--quiet", image], dict(os.environ))
        said = b""
        while pulling.returncode is None:
            try:
                said, _ = pulling.communicate(timeout=_POLL)
            except subprocess.TimeoutExpired:
                if stopping.is_set():
                    Process(pulling, generations=1).kill()
        if pulling.returncode and not stopping.is_set():
            raise JobFailure(f"ClientError: Image {image} can't be pulled: {said.decode(errors='replace').strip()}")

    def start(self, container: Container) -> Process:
        """Runs a container; the returned process stops or removes it.

        Raises:
            OSError: docker can't be started.
        """
        line = run_line(self._program, self._label, container)
        return DockerProcess(self._sandbox.start_watched(line, dict(os.environ)), self, container)

    def stop(self, name: str, grace: float) -> bool:
        """SIGTERM, and SIGKILL after `grace` seconds; False when there is no such container (yet)."""
        return self._ask("stop", "-t", str(int(grace)), name, timeout=grace + _ANSWER).returncode == 0

    def remove(self, *names: str) -> None:
        self._ask("rm", "-f", *names)

    def take_over(self, image: str, folder: Path) -> None:
        """Gives the files that a container wrote to the user who runs the server."""
        if self._owner:
            self._ask(*self.take_over_arguments(image, folder, self._owner))

    def take_over_arguments(self, image: str, folder: Path, owner: str) -> list[str]:
        line = ["run", "--rm", "--pull", "never", "--label", self._label, "--network", "none", "--user", "0"]
        return [*line, "-v", f"{folder}:/opt/ml", "--entrypoint", "chown", image, "-R", owner, "/opt/ml"]

    def remove_all(self, folder: Path) -> None:
        """Removes every container of this server, or of an earlier one on its state folder that was killed."""
        form = "{{.ID}} {{.Image}}"
        found = self._ask("ps", "-a", "--filter", f"label={self._label}", "--format", form).stdout.split("\n")
        containers = [line.split(" ", 1) for line in found if " " in line]
        if containers:
            self.remove(*(identifier for identifier, _ in containers))
            self.take_over(containers[0][1], folder)

    def _ask(self, *arguments: str, timeout: float = _ANSWER) -> subprocess.CompletedProcess[str]:
        line = [self._program, *arguments]
        try:
            return subprocess.run(
                line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=timeout
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(line, 1, "", "the engine does not answer")


class DockerProcess(Process):
    """A `docker run` in the foreground. Ending that command alone would leave the container."""

    def __init__(self, popen: subprocess.Popen[bytes], docker: Docker, container: Container) -> None:
        super().__init__(popen, generations=1)
        self._docker, self._container = docker, container

    def wait(self, timeout: float | None = None) -> int:
        code = super().wait(timeout)
        self._docker.take_over(self._container.image, self._container.folder)
        return code

    def kill(self) -> None:
        self._docker.remove(self._container.name)
        super().kill()

    def stop(self, grace: float) -> None:
        deadline = time.monotonic() + grace
        while self.running and time.monotonic() < deadline:
            # Right after its start there may be no container yet.
            if self._docker.stop(self._container.name, max(deadline - time.monotonic(), 0)):
                return
            time.sleep(_POLL)
        self.kill()


def _answering_docker() -> str:
    program = shutil.which("docker")
    what_to_do = "Start Docker, or start SageMaker local without --containers docker."
    if not sys.platform.startswith("linux"):
        raise DockerMissing("--containers docker needs Linux: jobs share the host's network.")
    if program is None:
        raise DockerMissing(f"--containers docker: there is no docker on the PATH. {what_to_do}")
    asked = [program, "version", "--format", "{{.Server.Version}}"]
    try:
        answer = subprocess.run(
            asked, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_ANSWER
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DockerMissing(f"--containers docker: its engine does not answer: {error}. {what_to_do}") from error
    if answer.returncode:
        problem = answer.stderr.strip() or "no reason given"
        raise DockerMissing(f"--containers docker: its engine does not answer: {problem} {what_to_do}")
    return program
