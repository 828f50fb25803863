"""The flow that trains a use case's model again, and the events that start it."""

from datetime import UTC, datetime

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.events import emit_event
from prefect.runtime import flow_run

from config.errors import GateError
from config.use_case import UseCase
from config.variables import without_secrets
from flows.approval import is_resumed
from flows.lifecycle import Listener, perform_all
from flows.run import Run
from flows.session.hooks import JOB_ENDINGS
from flows.session.runtime import PARALLEL_TASKS, begin
from flows.stages import Stage, stage_named
from tasks import audit
from tasks.cancellation import in_words
from tasks.progress import log
from tasks.references import LifecycleRun, MonitoringReport
from tasks.retraining import history
from tasks.retraining.decided import decision_of
from tasks.retraining.events import MonitoringEvent, effect, events_of
from tasks.retraining.history import Cause
from tasks.retraining.new_rows import why_nothing_new
from tasks.retraining.record import Outcome, RetrainingRecord
from tasks.step_results import FLOW

RETRAIN = "retrain"
BY_HAND = "a person started it"
INGEST, VALIDATE, TRAIN = (stage_named(name) for name in ("ingest", "validate", "train"))
SHOWN = 20
"""The retrainings that the artifact shows."""


def retrain_deployment(slug: str) -> str:
    """The name of the deployment that retrains the use case with this slug."""
    return f"{slug}-{RETRAIN}"


def announce(use_case: UseCase, report: MonitoringReport) -> tuple[MonitoringEvent, ...]:
    """Emit the Prefect events of a monitoring report, and return them: drift, a loss of quality, both or none.

    The automations of the deployments `<slug>-retrain` start a retraining by them. A report that is announced again has
    events of the same ids, which start nothing more.
    """
    events = events_of(use_case, report)
    for each in events:
        emit_event(each.event, dict(each.resource), payload=dict(each.payload), id=each.id)
        log.info("event     %s: %s; %s", each.event, each.payload["reason"], effect(use_case, each))
    return events


@flow(
    name=RETRAIN,
    flow_run_name="retrain-{use_case}",
    task_runner=PARALLEL_TASKS,
    **JOB_ENDINGS,
    **FLOW,
)
def retrain(use_case: str, reason: str = "", event: str = "") -> RetrainingRecord:
    """Train a use case's model again on new data, release it if it is better, and return the record of it.

    `event` is the id of the event that asks for it, or empty when a person does: cool-down and daily limit are for
    events. The same event retrains once; after a crash it continues. The outcome is `not started` by the policy,
    `nothing new` in the source, `refused` by validation, gate or person, `pending` while a person is asked, or
    `approved`. Raises the errors of `lifecycle`; the outcome is then `failed`.
    """
    case = begin(use_case)
    cause = Cause(event or f"flow-run {flow_run.id}", reason or BY_HAND, automatic=bool(event))
    record = history.begin(case, cause, flow_run=str(flow_run.id), resumed=is_resumed())
    if record.outcome is None:
        log.info("retrain   number %d of %s: %s", record.number, case.name, record.reason)
        record = _Retraining(case, record).carry_out()
    log.info("retrain   %s", record.headline)
    _show(case)
    return record


class NothingNew(Exception):
    """The source has no row that the champion was not trained on."""


class _Retraining(Listener):
    """A retraining in progress. Its record is written before each step that it matters for."""

    def __init__(self, case: UseCase, record: RetrainingRecord) -> None:
        self.case = case
        self.record = record

    def carry_out(self) -> RetrainingRecord:
        """Run the lifecycle, and return the record with its outcome. Raises the errors of the stages."""
        try:
            run = perform_all(self.case, RETRAIN, why=self.record.reason, listener=self)
        except NothingNew as found:
            return self._end("nothing new", str(found), public=str(found))
        except GateError as error:
            if self.record.trained:
                self._failed(error)
                raise
            return self._end("refused", f"nothing was trained: {error}", public="the rows failed validation")
        except Exception as error:
            self._failed(error)
            raise
        return self._decided(run)

    def before(self, run: Run, stage: Stage) -> None:
        if stage is INGEST:
            self.record = history.update(self.record, run=run.record.run)
        if self.record.trained:
            return  # a process before this one has found new rows
        if stage is VALIDATE and (why := why_nothing_new(self.case, run.summary().dataset)):
            raise NothingNew(why)
        if stage is TRAIN:
            self.record = history.update(self.record, trained=datetime.now(UTC))

    def asks(self, run: LifecycleRun) -> None:
        self._end("pending", run.release.headline, version=run.release.version, public=run.release.headline)

    def _decided(self, run: LifecycleRun) -> RetrainingRecord:
        """Return the record with what the gates, and a person if asked, have decided."""
        outcome, why = decision_of(self.case, run.release)
        why = why or (run.evaluation.headline,)
        return self._end(outcome, *why, version=run.release.version, public="; ".join(why))

    def _failed(self, error: Exception) -> None:
        """Write that the retraining has failed."""
        try:
            self._end("failed", without_secrets(in_words(error)), public=type(error).__name__)
        except Exception as second:  # noqa: BLE001  the first error matters more
            log.warning("retrain   the record was not written: %s", second)

    def _end(self, outcome: Outcome, *why: str, public: str, version: int | None = None) -> RetrainingRecord:
        """Write how it ended to the audit log, then to the record. The audit log has `public` as the reason."""
        ended = {"outcome": outcome, "why": why, "version": version, "ended": datetime.now(UTC)}
        facts = {
            "retraining": self.record.number,
            "reason": self.record.reason,
            "events": ", ".join(self.record.events),
        }
        facts |= {"outcome": outcome, "why": public, "version": version, "champion_before": self.record.champion}
        audit.append(
            self.case, RETRAIN, {name: str(value) for name, value in facts.items() if value is not None}, once=RETRAIN
        )
        self.record = history.update(self.record, **ended)
        return self.record


def _show(case: UseCase) -> None:
    """Create a table artifact of the use case's last retrainings, `<slug>-retrainings`."""
    known = history.read(case.name, SHOWN)
    create_table_artifact(
        key=f"{case.slug}-retrainings",
        table=[
            {
                "number": each.number,
                "started": f"{each.started:%Y-%m-%d %H:%M} UTC",
                "why it ran": each.reason,
                "how it ended": each.headline,
                "run": each.run,
            }
            for each in reversed(known)
        ],
        description="The retrainings, newest first.",
    )
