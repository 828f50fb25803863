"""The threads that a loaded model predicts with."""

from typing import Any


def use_one_thread(pipeline: Any) -> None:
    """Let every step of a scikit-learn pipeline predict in one thread. XGBoost hands the setting to its library.

    A model keeps the number of threads of its training job. With a worker process per processor, more than one
    thread each would run more threads than the endpoint has processors.
    """
    settings = [name for name in pipeline.get_params() if name.rpartition("__")[2] == "n_jobs"]
    pipeline.set_params(**dict.fromkeys(settings, 1))
    for part in getattr(pipeline[-1], "estimators_", ()):  # the fitted parts of a stack
        if "n_jobs" in part.get_params(deep=False):
            part.set_params(n_jobs=1)
