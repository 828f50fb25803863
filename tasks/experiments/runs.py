"""Finds or creates one MLflow run. Safe with several processes, and safe to repeat."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

PARENT = "mlflow.parentRunId"
"""MLflow's tag of a nested run."""


class Runs:
    """The runs of an experiment with the same tags: one, or for a short time one per process.

    The run that was created first is kept. That order never changes, so all processes keep the same run.
    """

    def __init__(self, client: Any, experiment: str, tags: Mapping[str, str]) -> None:
        self._client, self._experiment, self._tags = client, experiment, tags

    def ensure_one(self, name: str, tags: Mapping[str, str], fill: Callable[[Any], None]) -> str:
        """Return the id of the run. Create it unless it exists, and fill it unless it is finished."""
        while True:
            if (run := self._oldest()) is None:
                self._client.create_run(self._experiment, run_name=name, tags={**tags, **self._tags})
                run = self._oldest()
            with self._unless_deleted(run):
                if run.info.status != "FINISHED":
                    fill(run)
                    self._client.set_terminated(run.info.run_id)
                if self._keep_oldest() == run.info.run_id:
                    return str(run.info.run_id)

    def delete_all(self) -> None:
        """Delete the runs, and those nested in them."""
        for run in self._all():
            self._delete(run)

    def _oldest(self) -> Any:
        return next(iter(self._all()), None)

    def _keep_oldest(self) -> str:
        first, *others = self._all()
        for run in others:
            self._delete(run)
        return str(first.info.run_id)

    def _all(self) -> list[Any]:
        wanted = " and ".join(f"tags.`{name}` = '{value}'" for name, value in self._tags.items())
        found = self._client.search_runs([self._experiment], wanted)
        return sorted(found, key=lambda run: (run.info.start_time, run.info.run_id))

    def _delete(self, run: Any) -> None:
        self._client.delete_run(run.info.run_id)
        Runs(self._client, self._experiment, {PARENT: run.info.run_id}).delete_all()

    @contextmanager
    def _unless_deleted(self, run: Any) -> Iterator[None]:
        """Ignore the error of a run that another process has deleted because an older run exists."""
        from mlflow.exceptions import MlflowException

        try:
            yield
        except MlflowException:
            if self._client.get_run(run.info.run_id).info.lifecycle_stage != "deleted":
                raise
            self._delete(run)
