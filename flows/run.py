"""One run of a use case: performs stages and writes a record of each."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from prefect.runtime import flow_run
from prefect.settings import PREFECT_TASKS_REFRESH_CACHE, temporary_settings

from config.use_case import UseCase
from flows.artifacts import show_stage
from flows.session.active_run import active_run
from flows.stages import STAGES, Stage
from tasks import names, run_records, sources
from tasks.experiments import tracking_server
from tasks.open_lineage import stage_events
from tasks.progress import log
from tasks.references import LifecycleRun, Reference, StageRecord
from tasks.step_results import prepare_results
from tasks.steps import code_digest, noting_steps


class Run:
    """A run in progress, with the records of its completed stages. Its stages read only these and the given records."""

    def __init__(self, use_case: UseCase, record: run_records.RunRecord, given: dict[str, StageRecord]) -> None:
        self.use_case = use_case
        self.record = record
        self._records = given

    def perform(self, stage: Stage, source: str | None = None, **options: Any) -> StageRecord:
        """Run a stage on the outputs of the previous stages, and write its record. Raises the errors of its steps.

        `options` are further parameters of the stage.
        """
        inputs = {name: self._reference(kind) for name, kind in stage.inputs.items()}
        started, begun = datetime.now(UTC), time.monotonic()
        described = self.record.source if stage.source == "configured" or source else ""
        lineage = stage_events(self.use_case, self.record.run, self.record.flow, stage.name, inputs, described)
        with noting_steps() as steps, lineage as completed:
            reference = stage(self.use_case, inputs, source, **options)
            completed(reference)
        record = StageRecord(
            use_case=self.use_case.name,
            run=self.record.run,
            stage=stage.name,
            started=started,
            seconds=round(time.monotonic() - begun, 3),
            ran=tuple(steps.ran),
            reused=steps.reused,
            flow_run=self.record.flow_run,
            upstream=self._upstream(stage),
            reference=reference,
        )
        run_records.save(record)
        if record.reused:
            log.info("%-9s reused: %s", stage.name, reference.headline or "the output of an earlier run")
        show_stage(record)
        self._records[stage.name] = record
        return record

    def _reference(self, kind: type[Reference]) -> Reference:
        return next(record.reference for record in self._records.values() if isinstance(record.reference, kind))

    def _upstream(self, stage: Stage) -> dict[str, str]:
        found: dict[str, str] = {}
        for before in takewhile(lambda each: each is not stage, STAGES):
            if record := self._records.get(before.name):
                found |= record.upstream
                found[before.name] = run_records.address(record.use_case, record.run, record.stage)
        return found

    def summary(self) -> LifecycleRun:
        """Return the run with its records, in the order of the stages."""
        records = tuple(self._records[stage.name] for stage in STAGES if stage.name in self._records)
        return LifecycleRun(
            use_case=self.use_case.name,
            run=self.record.run,
            started=self.record.started,
            records=records,
            why=self.record.why,
        )


@contextmanager
def open_run(
    use_case: UseCase,
    flow: str,
    source: str | None,
    fresh: bool,
    given: dict[str, StageRecord] | None = None,
    why: str = "",
) -> Iterator[Run]:
    """Start a run, write its run record, and yield it. `fresh` repeats every step and ignores earlier results.

    `why` is why a retraining runs.
    """
    prepare_results()
    given = dict(given or {})
    record = run_records.RunRecord(
        use_case=use_case.name,
        run=names.stamp(),
        flow=flow,
        started=datetime.now(UTC),
        source=sources.describe(use_case.source, source),
        flow_run=str(flow_run.id) if flow_run.id else None,
        code=code_digest(),
        why=why,
        inherited={name: run_records.address(each.use_case, each.run, each.stage) for name, each in given.items()},
    )
    run_records.begin(record)
    log.info("run       %s of %s", record.run, use_case.name)
    tracking_server.report()
    with temporary_settings({PREFECT_TASKS_REFRESH_CACHE: fresh}), active_run(use_case.name, record.run):
        yield Run(use_case, record, given)
