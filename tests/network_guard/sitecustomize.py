"""Refuses every connection and name lookup that would leave this machine.

Python imports a module of this name at its start, so a folder with it on PYTHONPATH guards a process and all
its children. Each refusal is also written to `refusals.txt` beside this file: libraries swallow errors.

It also reaches jobs and endpoints, so it sets how the threads of OpenMP (XGBoost, scikit-learn) wait.
"""

import ipaddress
import os
import re
import socket
import sys
import traceback
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

# By default they wait in a loop. With more processes than processors, that takes ten times the time of the training.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_FOLDER = Path(__file__).resolve().parent
RECORD = _FOLDER / "refusals.txt"
_CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_LOCAL_NAMES = {"", "localhost", "ip6-localhost", socket.gethostname().lower()}
_JOB_HOSTS = re.compile(r"algo-\d+")  # the hosts of a job on several instances; they resolve to loopback


class NetworkRefusedError(OSError):
    """Something tried to leave this machine."""


def _refuse_what_leaves(event: str, arguments: tuple[object, ...]) -> None:
    if event in _CONNECTS:
        connection, address = arguments
        if getattr(connection, "family", None) not in (socket.AF_INET, socket.AF_INET6):
            return
        if isinstance(address, tuple) and not _stays_here(address[0]):
            _refuse(event, f"{address[0]}:{address[1]}")
    elif event in _LOOKUPS and not (_stays_here(arguments[0]) or _is_address(arguments[0])):
        _refuse(event, str(arguments[0]))


def _stays_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str):
        return True
    if name.lower().rstrip(".") in _LOCAL_NAMES or _JOB_HOSTS.fullmatch(name):
        return True
    if not _is_address(name):
        return False
    address = ipaddress.ip_address(name.split("%")[0])
    return address.is_loopback or address.is_unspecified


def _is_address(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return True


def _refuse(event: str, address: str) -> None:
    callers = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_stack()[:-2]
        if not frame.filename.startswith("<")
    ]
    process = f"process {os.getpid()} ({' '.join(sys.orig_argv)[:200]})"
    line = f"{event} to {address} by {process} at {' < '.join(reversed(callers[-6:]))}\n"
    with RECORD.open("a") as record:
        record.write(line.replace("\0", " "))
    raise NetworkRefusedError(f"the tests may not leave this machine: {event} to {address} was refused")


def _run_the_next_sitecustomize() -> None:
    others = [entry for entry in sys.path if Path(entry).resolve() != _FOLDER]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


sys.addaudithook(_refuse_what_leaves)
if __name__ == "sitecustomize":
    _run_the_next_sitecustomize()
