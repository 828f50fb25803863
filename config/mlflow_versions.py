"""MLflow's versions: the client of requirements.lock, and the servers of SageMaker managed MLflow that it fits."""

CLIENT = "3.17.2"
SERVERS = ("3.0", "3.10")
"""Every call of tasks/experiments/tracking.py was tried with CLIENT and MLflow's servers 3.0.0 and 3.10.1.

SageMaker offers 2.13, 2.16 and 3.0 (Developer Guide: Integrate MLflow with your environment) and, according to a
maintainer of MLflow, 3.10. When CLIENT moves, try these servers again.
"""


def require_server(version: str) -> str:
    """Return the version. Raises ValueError when it is not one of SERVERS."""
    if version not in SERVERS:
        raise ValueError(f"expected one of {', '.join(SERVERS)}, which MLflow {CLIENT} works with; found {version}")
    return version
