"""Writes an image's requirements.in from the versions that AWS publishes for it, and the differences we allow.

`python -m sagemaker_local.image_lock <image's folder> [--published uv.lock --commit <its commit>]`. `published.toml`
has AWS's versions and their source, `differences.toml` what differs here and why. `make lock` then writes the lock.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PUBLISHED, _DIFFERENCES, _REQUIREMENTS, _LOCK = (
    "published.toml",
    "differences.toml",
    "requirements.in",
    "requirements.lock",
)
_HEADER = "# Written by `python -m sagemaker_local.image_lock` from published.toml and differences.toml.\n"
_LOCKED = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)(?P<marker> ; [^\\]+)?")


@dataclass(frozen=True)
class ImageVersions:
    """The packages of AWS's image, and the allowed differences: each has a reason."""

    published: Mapping[str, str]
    left_out: Mapping[str, str]
    """The reason for each package that is not installed."""
    changed: Mapping[str, Mapping[str, Any]]
    """`versions` (with markers, if any) and `reason` of each package whose version differs."""
    added: Mapping[str, Mapping[str, Any]]
    """The same for packages that AWS's image does not have."""

    @classmethod
    def read(cls, folder: Path) -> ImageVersions:
        published = tomllib.loads((folder / _PUBLISHED).read_text())
        differences = tomllib.loads((folder / _DIFFERENCES).read_text())
        return cls(
            published["versions"],
            differences.get("left_out", {}),
            differences.get("changed", {}),
            differences.get("added", {}),
        )

    def requirements(self) -> list[str]:
        """The lines of requirements.in, by name."""
        versions = {name: [version] for name, version in self.published.items() if name not in self.left_out}
        for name, other in {**self.changed, **self.added}.items():
            versions[name] = other["versions"]
        return [f"{name}=={version}" for name in sorted(versions) for version in versions[name]]

    def problems(self, lock: str) -> list[str]:
        """Where a lock differs from the published versions without a listed reason, and differences that are none."""
        locked = _versions(lock)
        expected = _versions("\n".join(self.requirements()))
        found = [
            f"{name}: expected {', '.join(sorted(expected.get(name, {'none'})))}, "
            f"found {', '.join(sorted(locked.get(name, {'none'})))}"
            for name in sorted(locked.keys() | expected.keys())
            if locked.get(name) != expected.get(name)
        ]
        return found + self._stale()

    def _stale(self) -> list[str]:
        same = [name for name, other in self.changed.items() if other["versions"] == [self.published.get(name)]]
        unknown = [name for name in (*self.left_out, *self.changed) if name not in self.published]
        known = [name for name in self.added if name in self.published]
        return [f"{name}: differences.toml lists it, but it is no difference" for name in (*same, *unknown, *known)]


def read_lock(folder: Path) -> str:
    """The text of the image's requirements.lock."""
    return (folder / _LOCK).read_text()


def publish(folder: Path, lock: Path, commit: str) -> None:
    """Copies the versions of a `uv.lock` of AWS's into published.toml; its source stays.

    Raises:
        KeyError: the folder's published.toml names no source.
    """
    before = tomllib.loads((folder / _PUBLISHED).read_text())
    packages = tomllib.loads(lock.read_text())["package"]
    registered = {each["name"]: each["version"] for each in packages if "registry" in each["source"]}
    lines = [f'{name} = "{version}"' for name, version in sorted(registered.items())]
    head = [
        "# The versions in the lock of AWS's image.",
        f'source = "{before["source"]}"',
        f'path = "{before["path"]}"',
    ]
    (folder / _PUBLISHED).write_text("\n".join([*head, f'commit = "{commit}"', "", "[versions]", *lines, ""]))


def write_requirements(folder: Path) -> None:
    """Writes the image's requirements.in."""
    lines = ImageVersions.read(folder).requirements()
    (folder / _REQUIREMENTS).write_text(_HEADER + "\n".join([*lines, ""]))


def _versions(lines: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in filter(None, map(_LOCKED.match, lines.splitlines())):
        found.setdefault(match["name"], set()).add(match["version"])
    return found


def main() -> None:
    """Writes requirements.in; with `--published` also published.toml."""
    parser = argparse.ArgumentParser(prog="sagemaker_local.image_lock", description="The packages of an image.")
    parser.add_argument("folder", type=Path, nargs="+", help="the image's folder in localstack/images")
    parser.add_argument("--published", type=Path, help="the uv.lock of AWS's image")
    parser.add_argument("--commit", help="the commit of that lock")
    arguments = parser.parse_args()
    if bool(arguments.published) != bool(arguments.commit):
        parser.error("--published and --commit belong together")
    for folder in arguments.folder:
        if arguments.published:
            publish(folder, arguments.published, arguments.commit)
        write_requirements(folder)


if __name__ == "__main__":
    main()
