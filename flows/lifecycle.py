"""The two flows: the whole lifecycle of one use case, and one stage by itself."""

from prefect import flow

from config.use_case import UseCase
from flows.approval import ask, is_resumed
from flows.artifacts import show_page
from flows.run import Run, open_run
from flows.session.hooks import JOB_ENDINGS
from flows.session.runtime import PARALLEL_TASKS, begin
from flows.stages import STAGES, Stage, inputs_of, stage_named
from tasks import run_records
from tasks.cloudwatch_metrics import publish_times
from tasks.pages.lifecycle import write_page
from tasks.references import LifecycleRun, StageRecord
from tasks.step_results import FLOW

LIFECYCLE = "lifecycle"
REGISTER = stage_named("register")
UNTIL_APPROVAL = STAGES[: STAGES.index(REGISTER) + 1]
AFTER_APPROVAL = STAGES[STAGES.index(REGISTER) + 1 :]


@flow(
    name=LIFECYCLE,
    flow_run_name="lifecycle-{use_case}",
    task_runner=PARALLEL_TASKS,
    **JOB_ENDINGS,
    **FLOW,
)
def lifecycle(use_case: str, source: str | None = None, fresh: bool = False) -> LifecycleRun:
    """Run every stage for a use case and publish the run's page.

    `use_case` is a name in config/use_cases/ or the path of a YAML file. `source` replaces the configured source. The
    results of earlier runs with equal inputs and code are reused, unless `fresh`. A version that waits for a person's
    decision (`release.approval: manual`) suspends a run of a deployment; another run ends before `deploy`, and a later
    one continues. Raises the errors of config/errors.py. The outputs of completed stages are kept, and running again is
    safe.
    """
    return perform_all(begin(use_case), LIFECYCLE, source, fresh)


class Listener:
    """What a flow does between the stages. By default nothing."""

    def before(self, run: Run, stage: Stage) -> None:
        """Called before each stage up to the approval. An exception ends the run."""

    def asks(self, run: LifecycleRun) -> None:
        """Called before a person is asked about the run's version."""


def perform_all(
    case: UseCase,
    flow: str,
    source: str | None = None,
    fresh: bool = False,
    *,
    why: str = "",
    listener: Listener | None = None,
) -> LifecycleRun:
    """Run every stage as a run of `flow`, and publish the run's page. `why` is why a retraining runs."""
    listener = listener or Listener()
    with open_run(case, flow, source, fresh and not is_resumed(), why=why) as run:
        for each in UNTIL_APPROVAL:
            listener.before(run, each)
            run.perform(each, source if each.source == "configured" else None)
        decided = run.summary()
        if not decided.release.pending:
            return _finish(case, run)
        decided = _publish(case, run)
    listener.asks(decided)
    if not ask(case, decided):
        return decided
    given = {each.stage: each for each in decided.records}
    with open_run(case, flow, source, fresh=False, given=given, why=why) as run:
        return _finish(case, run)


def _finish(case: UseCase, run: Run) -> LifecycleRun:
    """Perform the stages after the approval, and publish the page."""
    for each in AFTER_APPROVAL:
        run.perform(each)
    return _publish(case, run)


def _publish(case: UseCase, run: Run) -> LifecycleRun:
    publish_times(case.name, run.summary().records)
    shown = write_page(case, run.summary())
    show_page(shown)
    return shown


@flow(
    name="stage",
    flow_run_name="{name}-{use_case}",
    task_runner=PARALLEL_TASKS,
    **JOB_ENDINGS,
    **FLOW,
)
def stage(name: str, use_case: str, source: str | None = None, fresh: bool = False) -> StageRecord:
    """Run one stage on the latest outputs of the previous stages, all of one lineage.

    Raises MissingInput when an output of an earlier stage is missing, and the errors of `lifecycle`.
    """
    case, wanted = begin(use_case), stage_named(name)
    given = run_records.line_of(case.name, [each.name for each in inputs_of(wanted)])
    with open_run(case, name, source, fresh, given) as run:
        return run.perform(wanted, source)
