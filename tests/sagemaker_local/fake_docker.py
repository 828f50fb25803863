#!/usr/bin/env python3
"""A fake Docker with the commands that SageMaker local uses: `unshare` runs a container's command on this machine.

A test copies it to a folder on its PATH as `docker`; beside it, `image/` holds the programs of the one image that it
has, `containers/` what exists, and `calls` what it was asked. As with Docker, a container outlives the command that
started it, and is known by its labels until it is removed.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent
CONTAINERS = HOME / "containers"
# Run as the first process of a container: source and target of its volume, its /etc/hosts, its name, the command.
FURNISH = """
mount -t tmpfs tmpfs /opt; mkdir "$1"; mount --bind "$0" "$1"; mount --bind "$2" /etc/hosts; hostname "$3"
shift 3; set +e; "$@"; exit $?
"""


def main(action: str, words: list[str]) -> int:
    with (HOME / "calls").open("a") as calls:
        calls.write(json.dumps([action, *words]) + "\n")
    if (HOME / "silent").exists():
        return fail("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
    return {"version": version, "image": inspect, "pull": pull, "run": run, "stop": stop, "rm": remove, "ps": ps}[
        action
    ](words)


def version(_: list[str]) -> int:
    sys.stdout.write("0.0\n")
    return 0


def inspect(words: list[str]) -> int:
    return 0 if (HOME / "pulled").exists() and words[-1] in (HOME / "pulled").read_text().split() else 1


def pull(words: list[str]) -> int:
    if "slow" in words[-1]:
        time.sleep(300)
    if "not-there" in words[-1]:
        return fail(f"Error response from daemon: manifest for {words[-1]} not found: manifest unknown")
    with (HOME / "pulled").open("a") as pulled:
        pulled.write(words[-1] + "\n")
    return 0


def run(words: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rm", action="store_true")
    for flag in ("--pull", "--network", "--hostname", "--cpus", "--memory", "--user", "--entrypoint"):
        parser.add_argument(flag)
    parser.add_argument("--name", default=f"unnamed-{os.getpid()}")
    for flag in ("-e", "-v", "--label", "--add-host"):
        parser.add_argument(flag, action="append", default=[])
    parser.add_argument("image")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args(words)
    folder = CONTAINERS / given.name
    folder.mkdir(parents=True)
    (folder / "image").write_text(given.image)
    (folder / "labels").write_text("\n".join(given.label))
    source, target = given.v[0].split(":")
    hosts = [f"{address} {name}" for name, address in (each.split(":") for each in given.add_host)]
    (folder / "hosts").write_text("\n".join(["127.0.0.1 localhost", *hosts, ""]))
    line = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--uts"]
    line += [] if os.getuid() == 0 else ["--map-root-user"]
    line += ["--net"] if given.network == "none" else []
    line += ["/bin/sh", "-ec", FURNISH, source, target, str(folder / "hosts"), given.hostname or "container"]
    line += [given.entrypoint] if given.entrypoint else []
    environment = {
        name: value if sign else os.environ[name] for name, sign, value in (e.partition("=") for e in given.e)
    }
    environment["PATH"] = f"{HOME / 'image'}:/usr/bin:/bin"
    with (folder / "output").open("wb") as output:
        container = subprocess.Popen(
            [*line, *given.command], env=environment, stdout=output, stderr=output, start_new_session=True
        )
    (folder / "pid").write_text(str(container.pid))
    with (folder / "output").open("rb") as output:
        over = False
        while not over:
            over = container.poll() is not None
            while printed := os.read(output.fileno(), 65536):
                os.write(1, printed)
            time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)
    return container.returncode if container.returncode >= 0 else 128 - container.returncode


def stop(words: list[str]) -> int:
    _, grace, name = words
    if not (pid := running(name)):
        return fail(f"Error response from daemon: No such container: {name}")
    for init in children(pid):
        for command in children(init):
            os.kill(command, signal.SIGTERM)
    deadline = time.monotonic() + float(grace)
    while running(name) and time.monotonic() < deadline:
        time.sleep(0.02)
    return remove([name]) if running(name) else 0


def remove(words: list[str]) -> int:
    for name in (word for word in words if word != "-f"):
        if pid := running(name):
            os.kill(pid, signal.SIGKILL)
            for init in children(pid):
                os.kill(init, signal.SIGKILL)
        shutil.rmtree(CONTAINERS / name, ignore_errors=True)
    return 0


def ps(words: list[str]) -> int:
    label = words[words.index("--filter") + 1].removeprefix("label=")
    for folder in (file.parent for file in CONTAINERS.glob("*/labels")):
        if label in (folder / "labels").read_text().split("\n"):
            sys.stdout.write(f"{folder.name} {(folder / 'image').read_text()}\n")
    return 0


def running(name: str) -> int:
    """The process of a container, or 0."""
    try:
        pid = int((CONTAINERS / name / "pid").read_text())
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, ValueError):
        return 0
    return 0 if state == "Z" else pid


def children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def fail(problem: str) -> int:
    sys.stderr.write(problem + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
