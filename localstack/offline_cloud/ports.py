"""Finds a free port on the loopback interface, and reserves it among offline clouds."""

import fcntl
import os
import socket
import stat
import sys
import tempfile
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from offline_cloud.errors import StartError
from sagemaker_local.private_files import private_folder

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Port:
    """A port that no other offline cloud of this machine takes while this object lives."""

    number: int
    reservation: socket.socket | TextIOWrapper


def reserve(usual: int) -> Port:
    """The usual port if nothing listens there and no other cloud has reserved it, else any free one."""
    return _try_to_reserve(usual) or _reserve_any()


def claim(usual: int) -> socket.socket:
    """A loopback socket bound to the usual port, or to any free one where that is taken; the caller closes it.

    Hand it to the server that will listen: no other program gets the port in between. It has no SO_REUSEADDR, with
    which Linux would bind a second socket to the port until one listens.
    """
    try:
        return _bound(usual)
    except OSError:
        return _bound(0)


def _bound(number: int) -> socket.socket:
    bound = socket.socket()
    try:
        bound.bind((LOOPBACK, number))
    except OSError:
        bound.close()
        raise
    return bound


def _reserve_any() -> Port:
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            number = probe.getsockname()[1]
        if port := _try_to_reserve(number):
            return port


def _try_to_reserve(number: int) -> Port | None:
    reservation = _reserved_name(number) if sys.platform == "linux" else _locked_file(number)
    if reservation is None:
        return None
    if not _is_free(number):
        reservation.close()
        return None
    return Port(number, reservation)


def _reserved_name(number: int) -> socket.socket | None:
    """An abstract Unix address: the same for every user and TMPDIR. It ends with its process and leaves no file."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0offline-cloud-port-{number}")
    except OSError:
        name.close()
        return None
    return name


def _locked_file(number: int) -> TextIOWrapper | None:
    """On systems without abstract addresses: a lock between this user's processes with one TMPDIR."""
    reservation = (_folder() / str(number)).open("w")
    try:
        fcntl.flock(reservation, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        reservation.close()
        return None
    return reservation


def _folder() -> Path:
    """The folder of reservations. Raises StartError when another user has made it, who could redirect writes."""
    folder = private_folder(Path(tempfile.gettempdir(), f"offline-cloud-ports-{os.getuid()}"))
    found = folder.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise StartError(f"{folder}: expected a folder of yours, found another user's. Remove it, or set TMPDIR.")
    return folder


def _is_free(number: int) -> bool:
    """Whether a server could listen there; with SO_REUSEADDR, as servers do, so that TIME_WAIT is free."""
    for host in (LOOPBACK, ""):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, number))
            except OSError:
                return False
    return True
