"""The environments that replace container images; `python -m sagemaker_local.images` builds and lists them.

Each folder of `localstack/images/`, or of `definitions` in the images folder, is one image: `image.toml` has the
URIs that it replaces; `requirements.lock`, or the file that its key `lock` names, has its packages. The README in
`localstack/images/` explains how to add one.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagemaker_local import image_builder, interpreter
from sagemaker_local.container.toolkits import PROGRAMS, SERVING, SERVING_CHOICES, TRAINING, TRAINING_CHOICES
from sagemaker_local.errors import JobFailure

VARIABLE = "SAGEMAKER_LOCAL_IMAGES"
DEFINITIONS = Path(__file__).resolve().parents[1] / "images"
_PROGRAMS = Path(__file__).resolve().parent / "container" / "programs"
_REQUIREMENTS, _PACKAGING = "sagemaker_local.container.requirements", "sagemaker_local.container.packaging_step"

Say = Callable[[str], None]


def _say_nothing(line: str) -> None:
    pass


@dataclass(frozen=True)
class ToolkitNames:
    """The toolkits of an image; `container/toolkits.py` has what they do."""

    training: str = "sagemaker-training"
    serving: str = "sagemaker-inference"
    defaults: str = "defaults"
    """The module of `container/` with the functions that a serving script need not have."""
    capture_error: bool = False
    """Whether the image puts the script's own error into the FailureReason."""
    serving_environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that the image sets for a model server, unless the model's Environment does."""


@dataclass(frozen=True)
class ImageEnvironment:
    """The interpreter in place of the image, and the image's toolkits."""

    python: str
    toolkits: ToolkitNames = field(default_factory=ToolkitNames)
    programs: Path | None = None
    """A folder of the image's own programs, for its PATH."""
    entrypoint: tuple[str, ...] = ()
    """What the image runs in a processing job that names no ContainerEntrypoint."""

    def own_interpreter(self, folder: Path) -> str:
        """An interpreter over this environment for one job or container, which may install into it."""
        return interpreter.own_interpreter(self.python, folder, images_folder() / "layers")

    def own_programs(self, path: str, ml: str) -> dict[str, str]:
        """The variables with which the image's own programs are found and find /opt/ml; none if it has no programs.

        Args:
            path: the PATH without them.
            ml: their path of /opt/ml.
        """
        if self.programs is None:
            return {}
        return {"PATH": os.pathsep.join([str(self.programs), path]), "SAGEMAKER_BASE_DIR": ml}


@dataclass(frozen=True)
class Image:
    """One folder of `localstack/images/`."""

    name: str
    repository: str
    """The repository's name in the URI, as a regular expression."""
    tag: str
    """The URI's tag, as a regular expression."""
    toolkits: ToolkitNames
    python: str
    """The image's version of Python."""
    lock: Path | None
    """None: the server's own environment replaces the image."""
    programs: Path | None = None
    """As in `ImageEnvironment`."""
    entrypoint: tuple[str, ...] = ()

    def stands_for(self, repository: str, tag: str) -> bool:
        return bool(re.fullmatch(self.repository, repository) and re.fullmatch(self.tag, tag))

    @property
    def example(self) -> str:
        return f"{self.repository}:{self.tag}"


def images_folder() -> Path:
    """The folder of environments and layers: the variable SAGEMAKER_LOCAL_IMAGES, or `--images-dir`."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path.home() / ".cache" / "sagemaker_local" / "images"


def known_images() -> list[Image]:
    """The known images: definitions in the images folder first, then those of `localstack/images/`."""
    places = (images_folder() / "definitions", DEFINITIONS)
    return [_read(file) for place in places for file in sorted(place.glob("*/image.toml"))]


def image_of(uri: str) -> Image:
    """The definition that an image URI such as `<registry>/sagemaker-xgboost:3.2-0`, or a name, selects.

    Raises:
        JobFailure: there is none.
    """
    repository, _, tag = uri.rsplit("/", 1)[-1].partition("@")[0].partition(":")
    known = known_images()
    for image in known:
        if image.name == uri or image.stands_for(repository, tag or "latest"):
            return image
    raise JobFailure(
        f"ClientError: SageMaker local has no environment for image {uri}. It knows "
        f"{', '.join(image.example for image in known)}. Add a folder for {repository}:{tag or 'latest'} to "
        "localstack/images/, as its README says."
    )


def environment_for(uri: str, say: Say = _say_nothing) -> ImageEnvironment:
    """The environment of an image URI. If it is missing it is built first, which takes minutes and needs a network.

    Raises:
        JobFailure: it has no definition, or can't be built.
    """
    image = image_of(uri)
    _require_files(image)
    if image.lock is None:
        return ImageEnvironment(sys.executable, image.toolkits, image.programs, image.entrypoint)
    python = image_builder.build(image.name, image.python, image.lock, images_folder(), say)
    return ImageEnvironment(python, image.toolkits, image.programs, image.entrypoint)


def _require_files(image: Image) -> None:
    if image.lock and not image.lock.is_file():
        raise JobFailure(
            f"ClientError: image.toml of {image.name}: expected its `lock` {image.lock}, found no such file."
        )
    own = {"train": image.toolkits.training, "serve": image.toolkits.serving}
    names = [name for name, toolkit in own.items() if toolkit == PROGRAMS]
    if missing := [name for name in names if not (image.programs and os.access(image.programs / name, os.X_OK))]:
        raise JobFailure(
            f"ClientError: image.toml of {image.name}: expected the executable programs {' and '.join(names)} in its "
            f"`programs`, because `training` or `serving` is {PROGRAMS!r}; {image.programs} lacks {', '.join(missing)}."
        )


def _read(file: Path) -> Image:
    content: dict[str, Any] = tomllib.loads(file.read_text())
    lock = (file.parent / content.get("lock", "requirements.lock")).resolve()
    return Image(
        name=file.parent.name,
        repository=content["repository"],
        tag=content["tag"],
        toolkits=_toolkits(file, content),
        python=content.get("python", ""),
        lock=lock if "lock" in content or lock.is_file() else None,
        programs=_programs(file, content),
        entrypoint=tuple(content.get("entrypoint", ())),
    )


def _programs(file: Path, content: dict[str, Any]) -> Path | None:
    """A folder of `container/programs/` by its name, or a path from the image's folder."""
    if "programs" not in content:
        return None
    named = str(content["programs"])
    known = _PROGRAMS / named
    return known if known.is_dir() else (file.parent / named).resolve()


def _toolkits(file: Path, content: dict[str, Any]) -> ToolkitNames:
    for key, known in (("training", TRAINING_CHOICES), ("serving", SERVING_CHOICES)):
        if content.get(key) not in known:
            raise JobFailure(
                f"ClientError: {file}: expected `{key}` to be {' or '.join(known)}, found {content.get(key)!r}."
            )
    return ToolkitNames(
        content["training"],
        content["serving"],
        content.get("defaults", ToolkitNames.defaults),
        content.get("capture_error", False),
        content.get("serving_environment", {}),
    )


def main() -> None:
    """Builds an image's environment in advance, or lists all."""
    arguments = _arguments()
    if arguments.images_dir:
        os.environ[VARIABLE] = str(arguments.images_dir.resolve())
    if arguments.command == "list":
        for image in known_images():
            _print(f"{image.name}: {image.example}, {_state(image)}")
        return
    try:
        environment = environment_for(arguments.image, _print)
    except JobFailure as failure:
        sys.exit(str(failure))
    if arguments.requirements:
        _install(environment, arguments.requirements.resolve())
    _print(f"{arguments.image}: {environment.python}")


def _install(environment: ImageEnvironment, requirements: Path) -> None:
    names = environment.toolkits
    toolkits = TRAINING.get(names.training), SERVING.get(names.serving)
    program = _PACKAGING if any(toolkit and toolkit.as_package for toolkit in toolkits) else _REQUIREMENTS
    with tempfile.TemporaryDirectory(dir=images_folder()) as folder:
        python = environment.own_interpreter(Path(folder) / "python")
        code = Path(__file__).resolve().parents[1]
        command = [python, "-m", program, str(requirements)]
        # Of a job, which has no settings of pip: the interpreter has them.
        environment_variables = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        environment_variables["PYTHONPATH"] = str(code)
        done = subprocess.run(command, env=environment_variables, capture_output=True, text=True, check=False)
        if done.returncode:
            said = f"{done.stdout.strip()}\n{done.stderr.strip()}"
            sys.exit(f"The packages of {requirements} can't be installed. {said}")


def _state(image: Image) -> str:
    if image.lock is None:
        return "the server's own environment"
    built = image_builder.environment_folder(image.name, image.python, image.lock, images_folder())
    return f"built: {built}" if built.is_dir() else "not built yet"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sagemaker_local.images", description="Environments that mirror images.")
    parser.add_argument("--images-dir", type=Path, help=f"their folder (default: the variable {VARIABLE})")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="list the known images")
    build = commands.add_parser("build", help="build one now, so that later jobs need no network")
    build.add_argument("image", help="its URI, or its name in the list")
    build.add_argument("--requirements", type=Path, help="also install this requirements.txt as a layer")
    return parser.parse_args()


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
