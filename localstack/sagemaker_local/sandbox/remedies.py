"""What a user can do if the kernel allows no isolation."""

from __future__ import annotations

from pathlib import Path

_SETTINGS = (
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
)


def remedy(settings: Path = Path("/proc/sys")) -> str:
    """One sentence: the kernel setting that forbids user namespaces, or what a container needs."""
    wrong = [change for name, value, change in _SETTINGS if _read(settings / name) == value]
    if wrong:
        changes = " ".join(wrong)
        return f"To allow user namespaces, run `sudo sysctl -w {changes}` and start again."
    return (
        "To allow them in a container, start it with `--privileged`; elsewhere run as root, or on a kernel with user "
        "namespaces."
    )


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
