"""Refuses every connection and name lookup of a job or container that would leave this machine.

With `--package-index refused`, each interpreter of a job imports it at its start (`interpreter.py`), so it also holds
for pip. It writes each refused address to the log once, for libraries swallow errors.
"""

import ipaddress
import os
import re
import socket
import sys

_CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_LOCAL_NAMES = {"", "localhost", "ip6-localhost"}
_JOB_HOSTS = re.compile(r"algo-\d+")  # the hosts of a job on several instances
_said: set[str] = set()


class ConnectionRefusedHere(PermissionError):
    """A connection would leave this machine."""


def _refuse_what_leaves(event: str, arguments: tuple[object, ...]) -> None:
    if event in _CONNECTS:
        connection, address = arguments
        internet = getattr(connection, "family", None) in (socket.AF_INET, socket.AF_INET6)
        if internet and isinstance(address, tuple) and not _stays_here(address[0]):
            _refuse(f"{address[0]}:{address[1]}")
    elif event in _LOOKUPS and not (_stays_here(arguments[0]) or _address(arguments[0])):
        _refuse(str(arguments[0]))


def _stays_here(host: object) -> bool:
    name = host.decode(errors="replace") if isinstance(host, bytes) else host
    if not isinstance(name, str):
        return True
    name = name.lower().rstrip(".")
    if name in _LOCAL_NAMES or name == socket.gethostname().lower() or _JOB_HOSTS.fullmatch(name):
        return True
    address = _address(name)
    return bool(address and (address.is_loopback or address.is_unspecified))


def _address(host: object) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return None


def _refuse(target: str) -> None:
    message = f"SageMaker local: the connection to {target} is refused (--package-index refused)."
    if target not in _said:
        _said.add(target)
        os.write(2, f"{message}\n".encode())
    raise ConnectionRefusedHere(message)


sys.addaudithook(_refuse_what_leaves)
