"""Makes environments share the libraries that they have in common: `python -m sagemaker_local.shared_files FIRST FOLDER`.

uv links the files of its cache; pip writes each environment a copy. Installers replace files and never write into them,
so a link is safe: an upgrade of one environment leaves the other as it is.
"""

from __future__ import annotations

import filecmp
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_LIBRARIES = "lib/python3*/site-packages/**/*.so*"
_SMALLEST = 100_000


def share(first: Path, environments: list[Path]) -> int:
    """Replace each library that equals one of `first` by a hard link to it, and return the bytes that this saves.

    A file system that has no links keeps its copies.
    """
    known = dict(_libraries(first))
    pairs = [(known.get(name), path) for environment in environments for name, path in _libraries(environment)]
    return sum(_link(source, path) for source, path in pairs if source and _is_copy(source, path))


def _libraries(environment: Path) -> Iterator[tuple[Path, Path]]:
    """Name below site-packages, and path, of an environment's larger libraries."""
    for path in environment.glob(_LIBRARIES):
        if path.is_file() and path.stat().st_size >= _SMALLEST:
            yield Path(*path.relative_to(environment).parts[3:]), path


def _is_copy(source: Path, path: Path) -> bool:
    return not source.samefile(path) and filecmp.cmp(source, path, shallow=False)


def _link(source: Path, path: Path) -> int:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.hardlink_to(source)
    except OSError:
        return 0
    aside.replace(path)
    return path.stat().st_size


def main() -> None:
    """Share what every environment in a folder has in common with the first."""
    first, folder = map(Path, sys.argv[1:])
    saved = share(first, [path.parent for path in sorted(folder.glob("*/pyvenv.cfg"))])
    print(f"{folder}: {saved / 1e6:,.0f} MB of libraries shared with {first}")  # noqa: T201


if __name__ == "__main__":
    main()
