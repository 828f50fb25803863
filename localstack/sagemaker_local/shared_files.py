"""Makes environments share equal files: `python -m sagemaker_local.shared_files FIRST OTHER...`.

uv links the files of its cache; pip writes a copy for each environment. Installers replace files and never write into
them, so a link is safe: an upgrade of one environment leaves the others as they are.
"""

from __future__ import annotations

import filecmp
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def share(first: Path, other: Path) -> int:
    """Replace each file of `other` that `first` also has by a hard link to it, and return the bytes saved.

    A file has the same name below site-packages and the same content. On a file system without links the copies stay.
    """
    packages = _packages(first)
    pairs = ((packages / name, path) for name, path in _files(_packages(other)))
    return sum(_link(source, path) for source, path in pairs if _is_copy(source, path))


def _packages(environment: Path) -> Path:
    return next(environment.glob("lib/python3*/site-packages"))


def _files(packages: Path) -> Iterator[tuple[Path, Path]]:
    for folder, _, names in os.walk(packages):
        for path in (Path(folder, name) for name in names):
            if not path.is_symlink() and path.stat().st_size:
                yield path.relative_to(packages), path


def _is_copy(source: Path, path: Path) -> bool:
    return (
        source.is_file()
        and source.stat().st_size == path.stat().st_size
        and not source.samefile(path)
        and filecmp.cmp(source, path, shallow=False)
    )


def _link(source: Path, path: Path) -> int:
    link = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        link.hardlink_to(source)
    except OSError:
        return 0
    link.replace(path)
    return path.stat().st_size


def main() -> None:
    """Let the others share the files of the first."""
    first, *others = map(Path, sys.argv[1:])
    saved = sum(share(first, other) for other in others)
    print(f"{first}: {saved / 1e6:,.0f} MB are shared with {', '.join(map(str, others))}")  # noqa: T201


if __name__ == "__main__":
    main()
