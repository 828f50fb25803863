"""Starts the lifecycle of a use case when its drift or quality alarm goes off, on a server without Prefect Cloud."""

from typing import cast

from prefect.client.schemas import FlowRun
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound

from config.use_case import load_use_case, slug_of, use_case_names
from tasks import events
from tasks.events import Event
from tasks.progress import log

LIFECYCLE = "lifecycle"
"""The flow of the deployments in prefect.yaml. A deployment's name is the slug of its use case."""


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

    A failed job starts nothing: a run that fails again would start itself again. Nor does an alarm of a use case whose
    runs need a file: people get the alarm by the alerts topic.
    """
    if event.kind == "other":
        log.info("event     %s: starts nothing", event.subject)
    elif _needs_file(event.slug):
        log.warning("event     %s: starts nothing, because each run of this use case needs --source", event.subject)
    elif not _started(event):
        return
    events.delete(event)


def _needs_file(slug: str) -> bool:
    return any(slug_of(name) == slug and not load_use_case(name).has_source for name in use_case_names())


def _started(event: Event) -> bool:
    deployment = f"{LIFECYCLE}/{event.slug}"
    try:
        run = cast(FlowRun, run_deployment(deployment, timeout=0, idempotency_key=event.id, as_subflow=False))
    except ObjectNotFound:
        log.warning(
            "event     %s: expected the deployment %s, found none: the event stays in the queue. Add the deployment to "
            "prefect.yaml and deploy it",
            event.subject,
            deployment,
        )
        return False
    log.info("event     %s: %s starts as flow run %s", event.subject, deployment, run.id)
    return True
