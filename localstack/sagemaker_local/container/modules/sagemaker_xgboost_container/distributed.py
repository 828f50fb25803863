"""One XGBoost model over several hosts, with the names and arguments of AWS's XGBoost container, `distributed.py`.

Rabit became `xgboost.collective` in XGBoost 2.1; these functions are AWS's interface to it.
"""

import logging
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from xgboost import collective
from xgboost.tracker import RabitTracker

LOCAL_HOSTNAME = "127.0.0.1"
_PORT = 9099


def wait_hostname_resolution(sm_hosts: list[str], seconds: float = 900.0) -> None:
    """Returns when every host's name resolves."""
    deadline = time.monotonic() + seconds
    for host in sm_hosts:
        while True:
            try:
                socket.gethostbyname(host)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def rabit_run(
    exec_fun: Callable[..., Any],
    args: dict[str, Any],
    include_in_training: bool,
    hosts: list[str],
    current_host: str,
    first_port: int | None = None,
    second_port: int | None = None,
    update_rabit_args: bool = False,
) -> None:
    """Calls `exec_fun(**args)` on every host that has data, connected to the others.

    Args:
        exec_fun: the training function; `xgb.train` in it works on the rows of all hosts.
        args: its arguments.
        include_in_training: whether this host has data; one without logs it and ends with exit code 0.
        hosts: all hosts.
        current_host: this one.
        first_port: port on which the hosts tell which of them have data.
        second_port: port to train on; the next one when not given.
        update_rabit_args: whether `is_master` is added to the arguments.
    """
    with Rabit(hosts=hosts, current_host=current_host, port=first_port) as everyone:
        answers = everyone.synchronize({"host": current_host, "include_in_training": include_in_training})
        previous_port = everyone.master_port
    members = [answer["host"] for answer in answers if answer["include_in_training"]]
    if not include_in_training:
        logging.warning("Host %s not being used for distributed training.", current_host)
        sys.exit(0)
    if len(members) == 1:
        exec_fun(**args, **({"is_master": True} if update_rabit_args else {}))
        return
    with Rabit(hosts=members, current_host=current_host, port=second_port or previous_port + 1) as cluster:
        exec_fun(**args, **({"is_master": cluster.is_master} if update_rabit_args else {}))


class RabitHelper:
    """A connected host's view of the others."""

    def __init__(self, is_master: bool, current_host: str, master_port: int) -> None:
        self.is_master = is_master
        self.rank = collective.get_rank()
        self.current_host = current_host
        self.master_port = master_port

    def synchronize(self, data: Any) -> list[Any]:
        """The data of all hosts, in the order of their ranks."""
        return [collective.broadcast(data, rank) for rank in range(collective.get_world_size())]


class Rabit:
    """A context in which the hosts are connected; the first of them by name runs the tracker."""

    def __init__(
        self,
        hosts: list[str],
        current_host: str | None = None,
        master_host: str | None = None,
        port: int | None = None,
        max_connect_attempts: int = 10,
        connect_retry_timeout: int = 3,
    ) -> None:
        self.hosts = sorted(hosts)
        self.n_workers = len(self.hosts)
        self.current_host = current_host or LOCAL_HOSTNAME
        self.master_host = master_host or self.hosts[0]
        self.is_master_host = self.current_host == self.master_host
        self.port = port or _PORT
        self._patience = float(max_connect_attempts * connect_retry_timeout)
        self._tracker: RabitTracker | None = None

    def start(self) -> RabitHelper:
        """Connects this host, and returns when all are."""
        wait_hostname_resolution([self.master_host])
        address = socket.gethostbyname(self.master_host)
        if self.is_master_host:
            self._tracker = RabitTracker(n_workers=self.n_workers, host_ip=address, port=self.port, sortby="task")
            self._tracker.start()
        self._wait_for_tracker(address)
        collective.init(
            dmlc_communicator="rabit",
            dmlc_tracker_uri=address,
            dmlc_tracker_port=self.port,
            dmlc_task_id=str(self.hosts.index(self.current_host)),
        )
        return RabitHelper(self.is_master_host, self.current_host, self.port)

    def stop(self) -> None:
        """Disconnects; the tracker ends once all have."""
        collective.finalize()
        if self._tracker:
            self._tracker.wait_for()

    def __enter__(self) -> RabitHelper:
        return self.start()

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if failure is None:  # a host that failed must not wait for the others
            self.stop()

    def _wait_for_tracker(self, address: str) -> None:
        if self.is_master_host:
            return
        deadline = time.monotonic() + self._patience
        while True:
            listening = _listens(address, self.port)
            if listening:
                return
            if time.monotonic() > deadline:
                raise ConnectionError(f"Failed to connect to Rabit Tracker at {self.master_host}:{self.port}")
            time.sleep(0.1)


def _listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
