"""Starts the retraining of a use case when its drift or quality alarm goes off, on a server without Prefect Cloud."""

from typing import cast

from prefect.client.orchestration import get_client
from prefect.client.schemas import FlowRun
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound

from config.use_case import UseCase, load_use_case, slug_of, use_case_names
from flows.retraining import RETRAIN, retrain_deployment
from tasks import events
from tasks.events import Event
from tasks.progress import log

LIFECYCLE = "lifecycle"
"""The flow of deployments in prefect.yaml whose name is the slug of their use case."""


def receive_events(until_empty: bool = False) -> None:
    """Handle the events of the queue, until the process ends or, with `until_empty`, until there is none.

    It may be killed at any time: an event is deleted after its run was created, and the same event creates no second
    run. Raises Unreachable when SQS does not answer, and the errors of Prefect's client.
    """
    while True:
        received = events.receive()
        for event in received:
            handle(event)
        if until_empty and not received:
            return


def handle(event: Event) -> None:
    """Start the deployment of the event's use case, then delete the event. Without a deployment it stays in the queue.

    That is `retrain/<slug>-retrain`, or else `lifecycle/<slug>`. A failed job starts nothing: a run that fails again
    would start itself again. Nor does an alarm of a use case whose runs need a file: people get the alarm by the alerts
    topic.
    """
    if event.kind == "other":
        log.info("event     %s: starts nothing", event.subject)
    elif _needs_file(event.slug):
        log.warning("event     %s: starts nothing, because each run of this use case needs --source", event.subject)
    elif not _started(event):
        return
    events.delete(event)


def _cases(slug: str) -> list[UseCase]:
    return [load_use_case(name) for name in use_case_names() if slug_of(name) == slug]


def _needs_file(slug: str) -> bool:
    return any(not case.has_source for case in _cases(slug))


def _started(event: Event) -> bool:
    """Whether the event has started a deployment, or is to start none. False where none exists."""
    if _is_started(event, f"{RETRAIN}/{retrain_deployment(event.slug)}", retrains=True):
        return True
    deployment = f"{LIFECYCLE}/{event.slug}"
    if _is_started(event, deployment, retrains=False):
        return True
    log.warning(
        "event     %s: expected the deployment %s, found none: the event stays in the queue. Add the deployment to "
        "prefect.yaml and deploy it",
        event.subject,
        deployment,
    )
    return False


def _is_started(event: Event, deployment: str, *, retrains: bool) -> bool:
    """Run a deployment, if it exists, and return whether it does. A retraining depends on the use case's policy."""
    try:
        with get_client(sync_client=True) as client:
            client.read_deployment_by_name(deployment)
        if retrains and event.kind == "drift" and any(not _retrains_on_drift(case) for case in _cases(event.slug)):
            log.info("event     %s: starts nothing, because `retraining.on_drift` is not set", event.subject)
            return True
        given = {"reason": f"the alarm {event.subject} went off", "event": event.id} if retrains else {}
        found = run_deployment(deployment, parameters=given, timeout=0, idempotency_key=event.id, as_subflow=False)
    except ObjectNotFound:
        return False
    log.info("event     %s: %s starts as flow run %s", event.subject, deployment, cast(FlowRun, found).id)
    return True


def _retrains_on_drift(case: UseCase) -> bool:
    return case.retraining is not None and case.retraining.on_drift
