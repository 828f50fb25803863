"""The promotion of a model: from the registry of another environment into this environment's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from config.errors import GateError
from config.use_case import UseCase
from tasks import names, run_records
from tasks.champion import find
from tasks.decision import objections
from tasks.evaluate import Judgement, judge
from tasks.heartbeats import beating
from tasks.progress import log
from tasks.promotion.model_copy import ModelCopy, publish_model, verified_model
from tasks.promotion.registration import Registration, register
from tasks.promotion.source import SourcePackage, read_package
from tasks.promotion.split_copy import SplitCopy, publish_split, verified_split
from tasks.references import Reference, Release, StageRecord
from tasks.steps import code_digest

FLOW = "promote"
"""The flow in the record of a promotion's run."""


@dataclass(frozen=True)
class Promotion:
    """A promoted model: its version here, and its evaluation in the environment that it comes from."""

    source: SourcePackage
    evaluation: Judgement
    registration: Registration


def promote(use_case: UseCase, arn: str, *, approved: bool) -> Promotion:
    """Copy a model of another environment, and register it here. A repeated call changes nothing.

    `approved` is the status of a new version: Approved, or PendingManualApproval. Nothing is written before every check
    has passed. Raises the errors of `tasks.promotion`, and GateError when the model does not pass the use case's gates
    as this environment has them.
    """
    source = read_package(use_case, arn)
    with verified_model(use_case, source) as model, verified_split(use_case, source) as split:
        evaluation = judge(use_case, source.facts["candidate"], model.evaluation)
        _require_gates(use_case, source, evaluation)
        log.info("promote   %s is verified: archive, contract, split and gates", arn)
        return Promotion(source, evaluation, _write(use_case, source, model, split, approved=approved))


def _require_gates(use_case: UseCase, source: SourcePackage, evaluation: Judgement) -> None:
    """Its own environment has compared it with the champion there, which says nothing about the one here."""
    if against := objections(use_case.evaluation, replace(evaluation, champion=None)):
        raise GateError(
            f"{source.arn}: expected a model that passes the gates of this environment: {'; '.join(against)}"
        )


def _write(
    use_case: UseCase, source: SourcePackage, model: ModelCopy, split: SplitCopy, *, approved: bool
) -> Registration:
    """Write the copies, the version, and a run with the records that the later stages read."""
    run = names.stamp()
    started = datetime.now(UTC)
    run_records.begin(
        run_records.RunRecord(
            use_case=use_case.name, run=run, flow=FLOW, started=started, source=source.arn, flow_run=None,
            code=code_digest(),
        )
    )  # fmt: skip
    with beating(use_case.name, run):
        parts = publish_split(use_case, split)
        registered = register(use_case, source, publish_model(use_case, source, model), parts, approved=approved)
        before = _save(use_case, run, "split", started, parts, {})
        _save(use_case, run, "register", started, _release(use_case, registered), {"split": before})
    return registered


def _save(
    use_case: UseCase, run: str, stage: str, started: datetime, reference: Reference, upstream: Mapping[str, str]
) -> str:
    values: dict[str, Any] = {"use_case": use_case.name, "run": run, "stage": stage, "started": started}
    seconds = round((datetime.now(UTC) - started).total_seconds(), 3)
    record = StageRecord(**values, seconds=seconds, ran=(), reused=True, upstream=dict(upstream), reference=reference)
    return run_records.save.fn(record)


def _release(use_case: UseCase, registered: Registration) -> Release:
    now = find(use_case)
    approved = registered.status == "Approved"
    return Release(
        use_case=use_case.name,
        model_package_arn=registered.arn,
        version=registered.version,
        approved=approved,
        reasons=() if approved else (f"promoted, and its status is {registered.status}",),
        mlflow_run_id=None,
        champion_arn=now.model_package_arn if now else None,
    )
