"""The commands of a guide, as a shell runs them. Those that need AWS, GitHub or Docker only record their arguments."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.test_project import PROJECT

ACCOUNT = "123456789012"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ANSWERS = {"aws": ACCOUNT, "git": COMMIT}
"""What a recorder prints: a command may use it in the next one."""
PROGRAMS = ("aws", "docker", "gh", "git", "make", "session-manager-plugin", "terraform", "vishwaops")
SCRIPTS = ("terraform/prefect-tunnel.sh", ".github/deploy.sh", ".github/push_image.sh", ".github/with_prefect.sh")
BLOCK = re.compile(r"^ *```console\n(.*?)^ *```", re.M | re.S)
END = "\x01"
"""The end of a command in the record."""


def script(page: Path) -> str:
    """The commands of a page's console blocks. Lines that a command prints are left out."""
    return "".join(f"{line}\n" for block in BLOCK.findall(page.read_text()) for line in _typed(block.splitlines()))


def _typed(lines: list[str]) -> Iterator[str]:
    until, continued = "", False
    for line in lines:
        if until:
            yield line
            until = "" if line == until else until
        elif line.lstrip().startswith("$ ") or continued:
            command = line.lstrip().removeprefix("$ ")
            yield command
            continued = command.endswith("\\")
            until = next(iter(re.findall(r"(?<!<)<<'(\w+)'", command)), "")


def in_text(page: Path) -> list[list[str]]:
    """The arguments of the AWS commands that a page names in its sentences and tables."""
    return [shlex.split(command) for command in re.findall(r"`(aws [^`]*--[^`]+)`", page.read_text())]


def run(page: Path, folder: Path) -> list[list[str]]:
    """Run the commands of a page in a copy of the environments. Return the arguments of each recorded program.

    Fails where the shell fails.
    """
    shutil.copytree(PROJECT / "terraform" / "environments", folder / "terraform" / "environments")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "activate").touch()
    (folder / "calls").touch()
    for name in (*(f"bin/{program}" for program in PROGRAMS), *SCRIPTS):
        _record(folder, folder / name)
    text = script(page).replace("rsa:4096", "rsa:2048")  # a long key takes seconds to make
    command = ["bash", "-euo", "pipefail", "-c", f"{text}wait"]
    environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    calls = (folder / "calls").read_text().split(f"{END}\0")
    return [call.split("\0")[:-1] for call in calls if call]


def _record(folder: Path, program: Path) -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    name = program.relative_to(folder / "bin" if program.is_relative_to(folder / "bin") else folder)
    lines = (
        "#!/usr/bin/env bash",
        f"printf '%s\\0' {name} \"$@\" {END} >> {folder}/calls",
        f"echo {ANSWERS.get(str(name), '')}",
    )
    program.write_text("\n".join(lines) + "\n")
    program.chmod(0o755)
