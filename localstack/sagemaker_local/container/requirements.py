"""The requirements of a script beyond its image. Runs inside the job, in its own interpreter (`interpreter.py`).

Packages of a registry are installed once, as a layer (`layers.py`); with it a later job needs neither time nor
network. Requirements that depend on files of the job or on another index are installed for the job alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sagemaker_local.container import layers
from sagemaker_local.container.offered import Offered, is_name

REFUSED = "refused"
"""The value of `index` in the interpreter's settings with which no package index may be used."""
NEEDS_AN_INDEX = (
    "SageMaker local: this start needs a package index, which --package-index refused denies. Put the wheels beside "
    "the script, and `--no-index` and `--find-links wheels` into its requirements.txt."
)
WITHOUT_SETTINGS = {"PIP_CONFIG_FILE": os.devnull}
"""The variables with which pip reads no configuration file of this machine."""
# Options of `pip install` that do not change what is installed.
_HARMLESS = {"-q", "--quiet", "-qq", "--no-cache-dir", "--disable-pip-version-check", "--no-input", "--upgrade", "-U"}


class InstallRequirementsError(Exception):
    """The requirements can't be installed; the text is the installer's message."""


def install(file: Path) -> None:
    """Installs the requirements in `file` that are missing. Without a file does nothing.

    Raises:
        InstallRequirementsError: pip failed, or does not exist.
    """
    if not file.is_file():
        return
    offered = Offered.read(file)
    unmet = [line for line in offered.requirements if not is_met(line)]
    if not unmet and not offered.more:
        say(f"Requirements of {file.name} are already satisfied; nothing to install.")
    elif offered.no_index and offered.key and layers.settings():
        layers.provide(offered.key, ", ".join(unmet), lambda: run_pip(["-r", file.name], file.parent))
    elif is_plain(offered):
        _from_layer(unmet)
    else:
        say(f"Installing from {file.name}: {', '.join(unmet) or 'what it names'}")
        run_pip(["-r", file.name], file.parent)


def is_plain(offered: Offered) -> bool:
    """Whether every line names a package of the registry."""
    return len(offered.lines) == len(offered.requirements) and all(map(_is_of_registry, offered.lines))


def pip(words: list[str]) -> int:
    """Implements `python -m pip …`: a plain `install` uses a layer, anything else the image's own pip."""
    rest = [word for word in words if word not in _HARMLESS]
    file = Path(rest[2]) if len(rest) == 3 and rest[:2] in (["install", "-r"], ["install", "--requirement"]) else None
    asked = rest[1:] if rest[:1] == ["install"] and all(map(_is_of_registry, rest[1:])) else []
    try:
        if file and file.is_file():
            install(file)
        elif asked:
            _install_plain(asked)
        else:
            return _run_real_pip(words)
    except InstallRequirementsError as error:
        print(f"ERROR: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def run_pip(words: list[str], directory: Path, *, settings_of_this_machine: bool = True) -> None:
    """Runs the image's own `pip install`, and prints what it says.

    Args:
        words: its arguments after `install`.
        directory: where it runs.
        settings_of_this_machine: whether it gets this machine's PIP_ variables and proxies.

    Raises:
        InstallRequirementsError: it failed, or does not exist.
    """
    from importlib.util import find_spec

    known = layers.settings()
    if not known:
        raise InstallRequirementsError(f"{sys.executable} is shared by all jobs; nothing is installed into it.")
    if find_spec("pip._internal") is None:
        raise InstallRequirementsError("pip is not in the environment of this image.")
    command = [sys.executable, "-m", "sagemaker_local.container.requirements", "pip", "install"]
    done = subprocess.run(
        [*command, "--disable-pip-version-check", "--no-warn-script-location", *words],
        cwd=directory,
        env={
            **({} if settings_of_this_machine else WITHOUT_SETTINGS),
            **os.environ,
            **(known["environment"] if settings_of_this_machine else {}),
            "PYTHONPATH": str(known["code"]),
            "PIP_NO_COMPILE": "1",  # also of what pip installs to build a package; nothing sees the difference
        },
        capture_output=True,
        text=True,
        check=False,
    )
    say(done.stdout)
    if done.returncode != 0:
        say(done.stderr.strip())
        if known.get("index") == REFUSED:
            say(NEEDS_AN_INDEX)
        raise InstallRequirementsError(done.stderr.strip()[-600:])


def say(text: str) -> None:
    """Prints to the job's log."""
    print(text, flush=True)  # noqa: T201


def _install_plain(asked: list[str]) -> None:
    if unmet := [line for line in asked if not is_met(line)]:
        _from_layer(unmet)
    else:
        say("Requirements are already satisfied; nothing to install.")


def _from_layer(unmet: list[str]) -> None:
    title = ", ".join(unmet)

    def fetch() -> None:
        say(f"Installing {title}")
        run_pip(unmet, Path.cwd())

    if not layers.settings() or layers.settings().get("index") == REFUSED:
        fetch()
    else:
        layers.provide(unmet, title, fetch)


def _run_real_pip(words: list[str]) -> int:
    """Runs the image's own pip in this process, without `overlay/pip` before it on the path."""
    sys.path[:] = [entry for entry in sys.path if Path(entry).name != "overlay"]
    for name in [name for name in sys.modules if name.partition(".")[0] == "pip"]:
        del sys.modules[name]
    from pip._internal.cli.main import main

    return int(main(words))


def _is_of_registry(line: str) -> bool:
    """Whether a line names a package of the registry, not a file of the job."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return is_name(line) and Requirement(line).url is None
    except InvalidRequirement:
        return False


def is_met(line: str) -> bool:
    """Whether the image or the job has what a line names."""
    from importlib import metadata

    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(line)
        if requirement.url or requirement.extras:
            return False
        if requirement.marker and not requirement.marker.evaluate():
            return True
        return requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    except (InvalidRequirement, metadata.PackageNotFoundError):
        return False


if __name__ == "__main__":
    if sys.argv[1] == "pip":
        sys.exit(_run_real_pip(sys.argv[2:]))
    try:
        install(Path(sys.argv[1]))
    except InstallRequirementsError as error:
        sys.exit(str(error))
