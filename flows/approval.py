"""Asks a person about a version that waits for a decision, in Prefect's user interface or on the command line."""

from prefect import suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment, flow_run
from pydantic import Field

from config.use_case import UseCase
from flows.decided import show_decision
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
    card = run.release.card or run.release.card_uri
    if deployment.id is None:
        log.info(
            "approval  version %d waits for a decision. Read its model card, %s, then: vishwaops approve --use-case %s "
            "--version %d --reason TEXT (or reject), and run the lifecycle again. The run's page: %s",
            version,
            card,
            use_case.name,
            version,
            page,
        )
        return False
    form = Approval.with_initial_data(
        description=f"{use_case.name}: {run.evaluation.headline}. Version {version} waits for your decision. Its model "
        f"card: {card}. The run's page: {page}"
    )
    log.info(
        "approval  version %d waits: the flow run is suspended until a person resumes it. Its model card: %s. "
        "The run's page: %s",
        version,
        card,
        page,
    )
    answer = suspend_flow_run(wait_for_input=form, key=f"version-{version}")
    decided = decide(use_case, version, approve=answer.approve, name=answer.name, reason=answer.reason)
    show_decision(use_case, decided.model_package_arn)
    return find(use_case) is not None
