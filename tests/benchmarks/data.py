"""Data: from files to versions of checked rows, on an offline cloud of its own, beside peers and limits.

A module of a part has `figures(folder, environment)`: generated files are in the folder, and the environment has the
variables of the offline cloud and of the peers' packages (`make bench` installs them).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import offline_cloud
from tests.benchmarks.figures import Figure

STATE = Path(__file__).parents[2] / ".vishwaops"
PARTS = ("data_ingest", "data_again", "data_validation")


def figures() -> Iterator[Figure]:
    """Every part's figures."""
    with TemporaryDirectory(prefix="vishwaops-bench-") as folder:
        cloud = offline_cloud.up(Path(folder) / "cloud", STATE / "localstack-env", owner=os.getpid())
        packages = str((STATE / "bench-packages").absolute())
        environment = {**cloud.environment, "PYTHONPATH": packages, "VISHWAOPS_STATE": folder}
        try:
            for part in PARTS:
                yield from import_module(f"tests.benchmarks.{part}").figures(Path(folder), environment)
        finally:
            offline_cloud.down(Path(folder) / "cloud")
