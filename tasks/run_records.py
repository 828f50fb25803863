"""Run records: immutable objects in S3, and one pointer per use case to the latest record of each stage.

s3://<data bucket>/<use case>/runs/<run>/ has run.json, written at the start of a run, and <stage>.json for each
completed stage. `latest.json` has the address of the latest record of each stage. It changes by conditional writes.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from config.errors import MissingInput, VishwaOpsError
from tasks import clients, locations, storage
from tasks.references import Kind, StageRecord
from tasks.steps import step

RUN = "run.json"
ATTEMPTS = 50
"""The number of attempts to write the pointer while other runs write it."""


class RunRecord(BaseModel):
    """The start of a run: its flow, source and code. Written once, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use_case: str
    run: str
    flow: str
    """`lifecycle`, or the name of a stage."""
    started: datetime
    source: str
    """The source of the rows, without secrets."""
    flow_run: str | None
    """Prefect's id of the flow run."""
    code: str
    """The digest of the code."""
    why: str = ""
    """Why it ran, for a retraining."""
    inherited: dict[str, str] = {}
    """For a single stage: the addresses of the earlier runs' records that it reads, by stage."""


class Pointer(BaseModel):
    """The address of the latest record of each stage, by stage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    records: dict[str, str] = {}


def begin(run: RunRecord) -> None:
    """Write the record of a run's start. Raises `storage.Changed` when another run with this id exists."""
    _write_once(f"{locations.run(run.use_case, run.run)}/{RUN}", run.model_dump_json(indent=1).encode())


def _write_once(uri: str, content: bytes) -> None:
    try:
        storage.put_if(uri, content, None)
    except storage.Changed:
        if storage.get(uri) != content:  # equal content was written by an attempt whose response was lost
            raise


@step()
def save(record: StageRecord) -> str:
    """Write a stage's record, then move the use case's pointer to it. Returns the record's address.

    Raises `storage.Changed` when the run has another record of this stage already.
    """
    uri, content = address(record.use_case, record.run, record.stage), record.model_dump_json(indent=1).encode()
    _write_once(uri, content)
    _advance(record.use_case, record.stage, uri)
    return uri


def address(use_case: str, run: str, stage: str) -> str:
    """Return the address of a run's record of a stage."""
    return f"{locations.run(use_case, run)}/{stage}.json"


def _advance(use_case: str, stage: str, uri: str) -> None:
    for _ in range(ATTEMPTS):
        pointer, version = _pointer(use_case)
        moved = Pointer(records={**pointer.records, stage: uri})
        try:
            return storage.put_if(locations.latest(use_case), moved.model_dump_json(indent=1).encode(), version)
        except storage.Changed:
            continue
    raise VishwaOpsError(f"{locations.latest(use_case)}: other runs wrote it {ATTEMPTS} times meanwhile. Run again")


def _pointer(use_case: str) -> tuple[Pointer, str | None]:
    uri = locations.latest(use_case)
    try:
        content, version = storage.get_version(uri)
    except FileNotFoundError:
        return Pointer(), None
    return storage.parsed(uri, content, Pointer), version


def read(uri: str) -> StageRecord:
    """Read a record. Raises FileNotFoundError when there is none, and VishwaOpsError when it can't be read."""
    return storage.parsed(uri, storage.get(uri), StageRecord)


def latest(use_case: str, stage: str) -> StageRecord:
    """Return the latest record of a stage. Raises MissingInput when no run has completed it."""
    uri = _pointer(use_case)[0].records.get(stage)
    if uri is None:
        raise MissingInput(
            f"{use_case}: expected the output of {stage}; found none: no run has completed it. Run all stages "
            f"(vishwaops run lifecycle) or only this one (vishwaops run {stage}), with the same --use-case"
        )
    return read(uri)


def latest_of(use_case: str, stage: str, kind: type[Kind]) -> Kind:
    """Return the latest output of a stage, which is of this kind. Raises MissingInput when there is none."""
    record = latest(use_case, stage)
    if not isinstance(record.reference, kind):
        found = type(record.reference).__name__
        raise TypeError(f"record of {stage} in run {record.run}: expected a {kind.__name__}; found a {found}")
    return record.reference


def line_of(use_case: str, stages: Sequence[str]) -> dict[str, StageRecord]:
    """Return the records of `stages`, which are in the order of the lifecycle, all of one lineage, by stage.

    These are the latest record of the last stage, and the records that it is computed from. Raises MissingInput when
    the last stage has no record.
    """
    if not stages:
        return {}
    last = latest(use_case, stages[-1])
    return {**{stage: read(last.upstream[stage]) for stage in stages[:-1]}, stages[-1]: last}


def runs(use_case: str) -> dict[str, list[str]]:
    """Return the names of each run's completed stages, in no order, by run id, newest run first."""
    bucket, prefix = storage.address(f"{locations.runs(use_case)}/")
    pages = clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    found: dict[str, list[str]] = {}
    for key in (item["Key"][len(prefix) :] for page in pages for item in page.get("Contents", [])):
        run, _, name = key.partition("/")
        found.setdefault(run, []).append(name.removesuffix(".json"))
    return dict(sorted(found.items(), reverse=True))


def read_run(use_case: str, run: str) -> RunRecord:
    """Read the record of a run's start. Raises MissingInput when there is no such run."""
    uri = f"{locations.run(use_case, run)}/{RUN}"
    try:
        return storage.parsed(uri, storage.get(uri), RunRecord)
    except FileNotFoundError as error:
        raise MissingInput(
            f"{use_case}: expected a run {run}; found none. See: vishwaops runs list --use-case {use_case}"
        ) from error


def records_of(use_case: str, run: str, stages: Iterable[str]) -> list[StageRecord]:
    """Return a run's own records, in the order of `stages`, without stages that it has not completed."""
    found = []
    for stage in stages:
        with suppress(FileNotFoundError):
            found.append(read(address(use_case, run, stage)))
    return found
