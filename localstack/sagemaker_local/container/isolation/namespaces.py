"""Runs a command in its own Linux namespaces: mounts, processes, and optionally a hostname and a network.

Three processes: the outermost one, which the server knows and which ends with it; the first process of the new process
namespace, with which the kernel ends all others in it; and the command.
"""

import os

from sagemaker_local.container.isolation import mounts, system_calls
from sagemaker_local.container.isolation.programs import exit_code, spawn

_SIGKILL = 9
_ML = "/opt/ml"


def run(server: int, options: dict[str, str], command: list[str]) -> int:
    """Runs a command, as root or as an ordinary user, and returns its exit code.

    Args:
        server: pid of the process that started this one; the command ends with it.
        options: `ml`, the folder to show at /opt/ml; `directory`, where the command starts, as it sees it; and where
            they are wanted, `hostname` with `hosts`, a file to show as /etc/hosts, and `network`: `none`.
        command: the program and its arguments.

    Raises:
        OSError: the kernel refuses a namespace or a mount.
    """
    _unshare(_namespaces(options))
    system_calls.signal_at_parents_death(_SIGKILL)
    if os.getppid() != server:
        return 1
    alive, held = os.pipe()
    first = os.fork()
    if first == 0:
        os.close(held)
        os._exit(_first_process(alive, options, command))
    return exit_code(first)


def _namespaces(options: dict[str, str]) -> int:
    wanted = system_calls.NEW_MOUNTS | system_calls.NEW_PROCESSES
    if "hostname" in options:
        wanted |= system_calls.NEW_HOSTNAME
    if options.get("network") == "none":
        wanted |= system_calls.NEW_NETWORK
    return wanted


def _unshare(namespaces: int) -> None:
    try:
        system_calls.unshare(namespaces)
    except PermissionError:  # not privileged: a user namespace grants it, with the same user ids
        user, group = os.geteuid(), os.getegid()
        system_calls.unshare(namespaces | system_calls.NEW_USER)
        _write("setgroups", "deny")  # without this, gid_map can't be written
        _write("uid_map", f"{user} {user} 1")
        _write("gid_map", f"{group} {group} 1")


def _write(name: str, content: str) -> None:
    with open(f"/proc/self/{name}", "w") as file:
        file.write(content)


def _first_process(alive: int, options: dict[str, str], command: list[str]) -> int:
    try:
        system_calls.signal_at_parents_death(_SIGKILL)
        if _ended(alive):
            return 1
        _furnish(options)
        system_calls.refuse_privileges()
        os.chdir(options["directory"])
    except OSError as error:
        os.write(2, f"SageMaker local: {error.strerror} {error.filename or ''}\n".encode())
        return 1
    return exit_code(spawn(command))


def _ended(alive: int) -> bool:
    """Whether the process at the pipe's other end ended before the watch began."""
    os.set_blocking(alive, False)
    try:
        return os.read(alive, 1) == b""
    except BlockingIOError:
        return False


def _furnish(options: dict[str, str]) -> None:
    system_calls.receive_mounts_only()
    system_calls.mount_proc()
    mounts.show(options["ml"], _ML)
    if "hostname" in options:
        system_calls.set_hostname(options["hostname"])
        mounts.show(options["hosts"], "/etc/hosts")
    if options.get("network") == "none":
        _bring_loopback_up()


def _bring_loopback_up() -> None:
    import fcntl  # their import takes 4 ms
    import socket
    import struct

    set_flags, up_and_running = 0x8914, 0x41  # linux/sockios.h, linux/if.h
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", up_and_running))
