"""Imports the libraries that take seconds while something else is waited for: the cloud, Prefect's server.

`python -m flows.session.early_imports` imports them once, so that Python keeps them compiled: `make setup`.
"""

import importlib
from collections.abc import Iterable
from threading import Thread

LIBRARIES = ("great_expectations", "sagemaker.core.resources", "mlflow")
"""What the tasks import when they first need it, in that order: 4 s of processor time together."""
ALL = (*LIBRARIES, "flows.lifecycle", "flows.stages", "prefect.server.api.server", "sagemaker_local.server")


def import_early(names: Iterable[str] = LIBRARIES) -> Thread:
    """Import these modules on a thread; returns it, to be joined before a flow runs.

    A module that can't be imported is skipped here; the task that imports it raises the error.
    """
    thread = Thread(target=_import_each, args=(tuple(names),), name="early-imports", daemon=True)
    thread.start()
    return thread


def _import_each(names: tuple[str, ...]) -> None:
    try:
        for name in names:
            importlib.import_module(name)
    except Exception:  # noqa: BLE001  the task that needs it reports this
        return


if __name__ == "__main__":
    for module in ALL:
        importlib.import_module(module)
