"""Refuses every connection and name lookup of a job or container that would leave this machine.

With `--package-index refused`, each interpreter of a job imports it at its start (`interpreter.py`), so it also holds
for pip. It writes each refused address to the log once, for libraries swallow errors. It imports what it needs late,
because most starts connect nowhere.
"""

import sys

_CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_LOCAL_NAMES = {"", "localhost", "ip6-localhost"}
_JOB_HOST = "algo-"  # the hosts of a job on several instances are algo-1, algo-2 …
_said: set[str] = set()


class ConnectionRefusedHere(PermissionError):
    """A connection would leave this machine."""


def _refuse_what_leaves(event: str, arguments: tuple[object, ...]) -> None:
    if event in _CONNECTS:
        connection, address = arguments
        if _is_internet(connection) and isinstance(address, tuple) and not _stays_here(address[0]):
            _refuse(f"{address[0]}:{address[1]}")
    elif event in _LOOKUPS and not (_stays_here(arguments[0]) or _address(arguments[0])):
        _refuse(str(arguments[0]))


def _is_internet(connection: object) -> bool:
    import socket

    return getattr(connection, "family", None) in (socket.AF_INET, socket.AF_INET6)


def _stays_here(host: object) -> bool:
    import socket

    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    if not isinstance(name, str):
        return True
    name = name.lower().rstrip(".")
    if name in _LOCAL_NAMES or name == socket.gethostname().lower() or name.removeprefix(_JOB_HOST).isdecimal():
        return True
    address = _address(name)
    return bool(address and (address.is_loopback or address.is_unspecified))


def _address(host: object):  # type: ignore[no-untyped-def]  # the types are in a module that is imported late
    import ipaddress

    try:
        address = ipaddress.ip_address(str(host).split("%")[0])
        return getattr(address, "ipv4_mapped", None) or address
    except ValueError:
        return None


def _refuse(target: str) -> None:
    import os

    message = f"SageMaker local: the connection to {target} is refused (--package-index refused)."
    if target not in _said:
        _said.add(target)
        os.write(2, f"{message}\n".encode())
    raise ConnectionRefusedHere(message)


sys.addaudithook(_refuse_what_leaves)
