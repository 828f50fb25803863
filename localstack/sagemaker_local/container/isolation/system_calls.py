"""Linux's system calls that Python lacks (os.unshare exists from 3.12, mount not at all); each raises OSError."""

import ctypes
import os

# linux/sched.h
NEW_MOUNTS, NEW_HOSTNAME, NEW_USER, NEW_PROCESSES, NEW_NETWORK = 0x20000, 0x4000000, 0x10000000, 0x20000000, 0x40000000
# sys/mount.h
_NOSUID, _NODEV, _NOEXEC, _BIND, _RECURSIVE, _SLAVE = 2, 4, 8, 0x1000, 0x4000, 0x80000
_DETACH = 2
# linux/prctl.h
_PARENT_DEATH_SIGNAL, _SUBREAPER, _NO_NEW_PRIVILEGES = 1, 36, 38

_libc = ctypes.CDLL(None, use_errno=True)


def call(function: str, *arguments: int | bytes | None) -> int:
    """Calls a function of the C library; integers are passed as long, bytes as a pointer to them."""
    passed = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = int(getattr(_libc, function)(*passed))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
    return result


def unshare(namespaces: int) -> None:
    call("unshare", namespaces)


def receive_mounts_only() -> None:
    """Mounts made from here on stay in this namespace; the machine's later ones still appear in it."""
    call("mount", b"none", b"/", None, _SLAVE | _RECURSIVE, None)


def bind(source: str, target: str) -> None:
    """Shows a file or folder, with what is mounted in it, at `target` too."""
    call("mount", os.fsencode(source), os.fsencode(target), None, _BIND | _RECURSIVE, None)


def mount_tmpfs(target: str) -> None:
    call("mount", b"tmpfs", os.fsencode(target), b"tmpfs", _NOSUID | _NODEV, b"mode=755")


def mount_proc() -> None:
    call("mount", b"proc", b"/proc", b"proc", _NOSUID | _NODEV | _NOEXEC, None)


def pivot_root(new: str, old: str) -> None:
    call("pivot_root", os.fsencode(new), os.fsencode(old))


def detach(target: str) -> None:
    call("umount2", os.fsencode(target), _DETACH)


def set_hostname(name: str) -> None:
    call("sethostname", os.fsencode(name), len(os.fsencode(name)))


def signal_at_parents_death(number: int) -> None:
    """This process gets the signal when the thread that started it ends."""
    call("prctl", _PARENT_DEATH_SIGNAL, number, 0, 0, 0)


def adopt_orphans() -> None:
    """Orphaned descendants of this process become its children."""
    call("prctl", _SUBREAPER, 1, 0, 0, 0)


def refuse_privileges() -> None:
    """Programs that run from here on gain no privileges (setuid, file capabilities)."""
    call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
