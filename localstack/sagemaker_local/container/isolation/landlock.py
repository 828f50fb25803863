"""Forbids a process and its descendants to write below one folder. Needs no privilege (Linux 5.19 or later)."""

import os
import struct

from sagemaker_local.container.isolation import system_calls

# linux/landlock.h
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_CHANGE_FOLDER = sum(1 << bit for bit in range(4, 14))  # remove and make entries, and move them between folders
_MOVES, _TRUNCATES = 2, 3  # the ABI versions that have these; the first one allows no move between folders


def works() -> bool:
    """Whether this kernel supports it."""
    return _version() >= _MOVES


def forbid_writing(below: str) -> None:
    """Writing stays possible everywhere else, but no entry can be made in the parent folders of `below`.

    Source: the kernel's documentation, userspace-api/landlock. Rules only grant, so every other folder is granted.

    Raises:
        OSError: the kernel refuses it.
    """
    in_file = _WRITE_FILE | (_TRUNCATE if _version() >= _TRUNCATES else 0)
    handled = struct.pack("=Q", in_file | _CHANGE_FOLDER)
    rules = system_calls.call("syscall", _CREATE_RULESET, handled, len(handled), 0)
    for entry in _beside(os.path.realpath(below)):
        _grant(rules, entry, in_file | (_CHANGE_FOLDER if os.path.isdir(entry) else 0))
    system_calls.refuse_privileges()
    system_calls.call("syscall", _RESTRICT_SELF, rules, 0)
    os.close(rules)


def _version() -> int:
    try:
        return system_calls.call("syscall", _CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def _beside(path: str) -> list[str]:
    """Every entry of the folders above `path` that does not lead to it."""
    found, folder = [], "/"
    for name in path.strip("/").split("/"):
        if os.path.isdir(folder):
            entries = [entry for entry in os.scandir(folder) if entry.name != name and not entry.is_symlink()]
            found += [entry.path for entry in entries]
        folder = os.path.join(folder, name)
    return found


def _grant(rules: int, path: str, access: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    system_calls.call("syscall", _ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", access, place), 0)
    os.close(place)
