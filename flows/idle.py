"""The flow that stops endpoints that nobody calls."""

from prefect import flow
from prefect.artifacts import create_table_artifact

from config.use_case import load_use_case, use_case_names
from flows.session.hooks import ENDINGS
from flows.session.runtime import connect
from tasks.platform import platform
from tasks.release.idle import IdleReport, stop_idle


@flow(name="idle-endpoints", flow_run_name="idle-endpoints", persist_result=False, **ENDINGS)
def idle_endpoints(use_case: str | None = None) -> list[IdleReport]:
    """Stop the endpoint of a use case, by default of each, that nobody has called for `release.idle_minutes`.

    The report has the money that is saved, by config/prices. `deploy` starts an endpoint again. Raises the errors of
    config/errors.py.
    """
    cases = [load_use_case(name) for name in ([use_case] if use_case else use_case_names())]
    connect()
    reports = [stop_idle(case) for case in cases if case.release.idle_minutes and platform().knows(case.name)]
    create_table_artifact(
        key="idle-endpoints",
        table=[
            {"use case": each.use_case, "endpoint": each.endpoint, "stopped": each.stopped, "why": str(each)}
            for each in reports
        ],
        description="The endpoints that nobody has called, and what it saves to stop them.",
    )
    return reports
