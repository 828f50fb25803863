"""Asks a person about a version that waits for a decision, in Prefect's user interface or on the command line."""

from prefect import suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment, flow_run
from pydantic import Field

from config.use_case import UseCase
from tasks.champion import find
from tasks.progress import log
from tasks.references import LifecycleRun
from tasks.release.decision import decide


class Approval(RunInput):
    """The form that Prefect shows to the person who resumes the flow run."""

    approve: bool = Field(description="true makes the version the champion, false rejects it")
    reason: str = Field(min_length=1, description="why, for the audit log")
    name: str = Field(min_length=1, description="who decides")


def is_resumed() -> bool:
    """Whether this flow run was suspended before. It then runs again from its start, on the results so far."""
    return (flow_run.run_count or 0) > 1


def ask(use_case: UseCase, run: LifecycleRun) -> bool:
    """Ask a person about the version of a run, and return whether the run goes on.

    The flow run of a deployment is suspended, which frees its worker, until a person resumes it with the form
    `Approval`. Any other run ends: `vishwaops approve` or `reject` decides, and a later run continues.
    """
    version, page = run.release.version, run.page or run.page_uri
    if deployment.id is None:
        log.info(
            "approval  version %d waits for a decision. Read %s, then: vishwaops approve --use-case %s --version %d "
            "--reason TEXT (or reject), and run the lifecycle again",
            version,
            page,
            use_case.name,
            version,
        )
        return False
    form = Approval.with_initial_data(
        description=f"{use_case.name}: {run.evaluation.headline}. Version {version} waits for your decision. The page: "
        f"{page}"
    )
    log.info(
        "approval  version %d waits: the flow run is suspended until a person resumes it. The page: %s", version, page
    )
    answer = suspend_flow_run(wait_for_input=form, key=f"version-{version}")
    decide(use_case, version, approve=answer.approve, name=answer.name, reason=answer.reason)
    return find(use_case) is not None
