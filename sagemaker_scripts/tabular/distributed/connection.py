"""Connects the instances of a training job by XGBoost's collective.

SageMaker gives each instance the names of all (Developer Guide: "Distributed Training Configuration"). The first one
also runs the tracker, which tells the others where to connect.
"""

import argparse
import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from xgboost import collective
from xgboost.tracker import RabitTracker

from tabular.collective import ALONE, Ranks

PORT = 9099
START_SECONDS = 900
"""How long the instances wait for each other at the start: their downloads take different times."""
LOST_SECONDS = 1800
"""How long an instance waits for another one, at the most. One that has ended is noticed at once."""
POLL_SECONDS = 0.1
COLLECTIVE = "coll"
"""A part of the message of each error of XGBoost's connection: the names of its files."""


class LostInstanceError(Exception):
    """The instances of a job can't be connected, or another instance has ended or does not respond."""


class _Connected:
    """This instance's connection to all of a job."""

    def __init__(self) -> None:
        self.rank, self.size = collective.get_rank(), collective.get_world_size()

    def sum(self, values: np.ndarray) -> np.ndarray:
        return collective.allreduce(values, collective.Op.SUM).reshape(values.shape)

    def gather(self, value: Any) -> list[Any]:
        return [collective.broadcast((value,), rank)[0] for rank in range(self.size)]


@contextmanager
def connected(environment: Mapping[str, str] = os.environ, port: int = PORT) -> Iterator[Ranks]:
    """Connect this instance to the others of its job, while the body runs.

    Raises LostInstanceError when an instance is not there, or is lost. When the body fails, the others fail, too.
    """
    hosts = tuple(sorted(json.loads(environment.get("SM_HOSTS") or "[]")))
    if len(hosts) < 2:
        yield ALONE
        return
    current = environment["SM_CURRENT_HOST"]
    tracker = _connect(hosts, current, port)
    try:
        yield _Connected()
        collective.finalize()
        if tracker:
            tracker.wait_for()
    except xgboost.core.XGBoostError as error:
        if COLLECTIVE not in str(error):
            raise
        raise LostInstanceError(_lost(current, hosts, error)) from error
    finally:
        _free(tracker)


def _free(tracker: RabitTracker | None) -> None:
    """End the tracker. One whose instances are lost reports it again, and would hide the reason of the failure."""
    with suppress(xgboost.core.XGBoostError):
        if tracker:
            tracker.free()


@contextmanager
def own_folders(places: argparse.Namespace, ranks: Ranks) -> Iterator[argparse.Namespace]:
    """Yield the folders of a rank's job: for other ranks than 0, a temporary one as the model's.

    SageMaker joins the model folders of all instances, where files of equal names would conflict.
    """
    if ranks.rank == 0:
        yield places
        return
    with tempfile.TemporaryDirectory() as folder:
        yield argparse.Namespace(**{**vars(places), "model_dir": Path(folder)})


def _connect(hosts: tuple[str, ...], current: str, port: int) -> RabitTracker | None:
    address, tracker = _address(hosts[0]), None
    if current == hosts[0]:
        tracker = RabitTracker(len(hosts), address, port, sortby="task", timeout=START_SECONDS)
        tracker.start()
    else:
        _wait_for(address, port, hosts[0])
    number = f"{hosts.index(current):04d}"
    try:
        collective.init(
            dmlc_communicator="rabit", dmlc_tracker_uri=address, dmlc_tracker_port=port,
            dmlc_task_id=number, dmlc_timeout=LOST_SECONDS,
        )  # fmt: skip
    except xgboost.core.XGBoostError as error:
        raise LostInstanceError(_lost(current, hosts, error)) from error
    return tracker


def _address(host: str) -> str:
    """Return the address of a host, whose name may resolve only some seconds after the start."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return socket.gethostbyname(host)
        except OSError as error:
            if time.monotonic() > deadline:
                raise LostInstanceError(f"{host}: expected an instance of this job; its name has no address") from error
        time.sleep(POLL_SECONDS)


def _wait_for(address: str, port: int, host: str) -> None:
    """Wait until the tracker listens."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((address, port)) == 0:
                return
        if time.monotonic() > deadline:
            raise LostInstanceError(f"{host}: expected it to answer at port {port} in {START_SECONDS} s; found nothing")
        time.sleep(POLL_SECONDS)


def _lost(current: str, hosts: tuple[str, ...], error: Exception) -> str:
    others = ", ".join(host for host in hosts if host != current)
    lines = [line.removeprefix("- ") for line in str(error).splitlines() if line.startswith("- ")]
    detail = "; ".join(lines) or str(error).splitlines()[0]
    return f"{current} has lost the connection to {others}: see the logs of those instances. XGBoost: {detail}"
