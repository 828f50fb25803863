"""Imports slow libraries on a thread while the cloud and Prefect's server start, if the run's steps will need them.

A cloud that runs already often has the results of all steps, which then need none of these libraries.

`make setup` runs `python -m flows.session.early_imports`, so that Python stores their bytecode.
"""

import importlib
from collections.abc import Iterable
from threading import Thread

import offline_cloud
from config import settings
from config.profile import active_profile

LIBRARIES = ("great_expectations", "sagemaker.core.resources", "mlflow")
"""The libraries that tasks import on first use, in this order: 4 s of processor time together."""
ALL = (*LIBRARIES, "flows.lifecycle", "flows.stages", "prefect.server.api.server", "sagemaker_local.server")


def steps_will_run(fresh: bool) -> bool:
    """Whether every step will run: the run is `fresh`, or the offline cloud has to be started, which starts empty."""
    if fresh:
        return True
    if not active_profile().offline:
        return False
    try:
        offline_cloud.attach(settings.CLOUD)
    except offline_cloud.OfflineCloudError:
        return True
    return False


def import_early(names: Iterable[str] = LIBRARIES) -> Thread:
    """Import these modules on a thread and return the thread. Join it before a flow runs.

    An import error is ignored here. The task that imports the module raises it again.
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
