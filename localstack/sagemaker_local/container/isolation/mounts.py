"""Mounts a file or folder at a path that may not exist, without a change on disk. Needs its own mount namespace."""

import os

from sagemaker_local.container.isolation import system_calls

_OLD_ROOT = "/.sagemaker-local-old-root"


def show(source: str, target: str) -> None:
    """Mounts `source` at the absolute path `target`.

    Where `target` is missing (or is a file where a folder is needed), the nearest folder above it is covered by a
    tmpfs that shows all of its other entries.

    Raises:
        OSError: the kernel refuses it.
    """
    if not _fits(source, target):
        _make_room(source, target)
    system_calls.bind(source, target)


def _fits(source: str, target: str) -> bool:
    return os.path.isdir(target) if os.path.isdir(source) else os.path.isfile(target)


def _make_room(source: str, target: str) -> None:
    above, missing = os.path.split(target)
    while not os.path.isdir(above):
        above, missing = os.path.split(above)
    if above == "/":
        _cover_root(missing)
    else:
        _cover(above, missing)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    _make_like(source, target)


def _cover(folder: str, without: str) -> None:
    below = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    system_calls.mount_tmpfs(folder)
    _show_all(f"/proc/self/fd/{below}", folder, without)
    os.close(below)


def _cover_root(without: str) -> None:
    """The root can't be covered, so a new root replaces it."""
    place = next(entry.path for entry in os.scandir("/") if entry.is_dir(follow_symlinks=False))
    system_calls.mount_tmpfs(place)
    os.mkdir(place + _OLD_ROOT)
    system_calls.pivot_root(place, place + _OLD_ROOT)
    os.chdir("/")
    _show_all(_OLD_ROOT, "/", without)
    system_calls.detach(_OLD_ROOT)
    os.rmdir(_OLD_ROOT)


def _show_all(source: str, target: str, without: str) -> None:
    for name in os.listdir(source):
        if name != without:
            _show_entry(os.path.join(source, name), os.path.join(target, name))


def _show_entry(source: str, target: str) -> None:
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
    else:
        _make_like(source, target)
        system_calls.bind(source, target)


def _make_like(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.mkdir(target)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
