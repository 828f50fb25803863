"""Makes an earlier dataset version the one that the next stage reads."""

from datetime import UTC, datetime

from config.use_case import UseCase
from flows.stages import STAGES
from tasks import names, run_records
from tasks.heartbeats import beating
from tasks.references import DatasetVersion, StageRecord
from tasks.steps import code_digest


def use_version(use_case: UseCase, dataset: DatasetVersion) -> str:
    """Write a run of `ingest` alone whose output is this version, and return its id.

    `vishwaops run validate` reads the latest output of `ingest`. The table and the position of an incremental source do
    not change.
    """
    ingest, run, now = STAGES[0].name, names.stamp(), datetime.now(UTC)
    begun = run_records.RunRecord(
        use_case=use_case.name, run=run, flow=ingest, started=now, source=dataset.source, flow_run=None,
        code=code_digest(),
    )  # fmt: skip
    record = StageRecord(
        use_case=use_case.name, run=run, stage=ingest, started=now, seconds=0.0, ran=(), reused=True, reference=dataset
    )
    run_records.begin(begun)
    with beating(use_case.name, run):
        run_records.save.fn(record)
    return run
