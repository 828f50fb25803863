"""The instances of a job: their names and addresses, and resourceconfig.json as each of them reads it."""

from __future__ import annotations

import itertools
import random
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HOMOGENEOUS = "homogeneousCluster"
# 127.0.0.0/8 is this machine, so that every job gets its own network in it: ports never clash between jobs.
_FIRST_NETWORK, _NETWORKS = 64 << 8, 128 << 8
_INTERFACE = "lo"
_numbers = itertools.count(random.SystemRandom().randrange(_NETWORKS))  # several servers may run here
_lock = threading.Lock()


@dataclass(frozen=True)
class Host:
    """One instance."""

    name: str
    """`algo-1`."""
    address: str
    instance_type: str
    group: str


@dataclass(frozen=True)
class Cluster:
    """The instances of one job, in their order."""

    hosts: tuple[Host, ...]

    @classmethod
    def of(cls, groups: list[dict[str, Any]]) -> Cluster:
        """A cluster of instance groups, each with InstanceType, InstanceCount and, where there are several, a name."""
        with _lock:
            number = _FIRST_NETWORK + next(_numbers) % _NETWORKS
        kinds = [group for group in groups for _ in range(group.get("InstanceCount", 1))]
        return cls(
            tuple(
                Host(
                    f"algo-{position}",
                    f"127.{number >> 8}.{number & 255}.{position}",
                    kind.get("InstanceType", "ml.m5.large"),
                    kind.get("InstanceGroupName", _HOMOGENEOUS),
                )
                for position, kind in enumerate(kinds, start=1)
            )
        )

    @property
    def names(self) -> list[str]:
        return [host.name for host in self.hosts]

    def resource_config(self, current: Host) -> dict[str, Any]:
        """The content of resourceconfig.json in a training container."""
        groups = {host.group: host.instance_type for host in self.hosts}
        return {
            "current_host": current.name,
            "current_instance_type": current.instance_type,
            "current_group_name": current.group,
            "hosts": self.names,
            "instance_groups": [
                {
                    "instance_group_name": group,
                    "instance_type": kind,
                    "hosts": [host.name for host in self.hosts if host.group == group],
                }
                for group, kind in groups.items()
            ],
            "network_interface_name": _INTERFACE,
        }

    def write_names(self, file: Path) -> Path:
        """An /etc/hosts in which the instances find each other."""
        own = Path("/etc/hosts")
        known = own.read_text(errors="replace").rstrip("\n") if own.is_file() else "127.0.0.1 localhost"
        file.write_text("\n".join([known, *(f"{host.address} {host.name}" for host in self.hosts), ""]))
        return file
