"""The way back: serve an earlier version of a use case, verified before the switch."""

from datetime import UTC, datetime
from typing import Any

from config.errors import GateError, MissingInput
from config.use_case import UseCase
from flows.decided import show_decision
from tasks import champion as champions
from tasks import names, run_records, storage
from tasks.deploy import deployment_of, record_release, serve
from tasks.heartbeats import beating
from tasks.platform import platform
from tasks.progress import log
from tasks.references import Champion, Deployment, StageRecord
from tasks.release import contract_test, outcome
from tasks.sagemaker import endpoints, hosted_models, registry
from tasks.signing.models import require_signed
from tasks.steps import code_digest

FLOW = "rollback"
"""The flow in the record of a rollback's run."""


def rollback(use_case: UseCase, version: int | None, reason: str) -> Deployment:
    """Make an earlier version the champion, and the endpoint serve it. Returns the deployment.

    Without `version`, it is the champion before the present one. Nothing changes before the version is verified: its
    package can be deployed, its model exists and is signed, and a temporary endpoint answers its contract test. Raises
    GateError when one of these fails, MissingInput when its model or split is gone, and JobFailed when the endpoint
    does not become `InService`. A repeated call changes nothing.
    """
    run, started = names.stamp(), datetime.now(UTC)
    run_records.begin(
        run_records.RunRecord(
            use_case=use_case.name, run=run, flow=FLOW, started=started, source=reason, flow_run=None,
            code=code_digest(),
        )
    )  # fmt: skip
    with beating(use_case.name, run):
        deployment = _restored(use_case, version, reason)
        _save(use_case, run, started, deployment)
    return deployment


def _restored(use_case: UseCase, version: int | None, reason: str) -> Deployment:
    now = champions.read(use_case)
    target = version or _previous(use_case, now)
    name, chosen = platform().endpoint(use_case.name), _verified(use_case, target, now, reason)
    before = endpoints.find_endpoint(name)
    champion = champions.move(use_case, target, chosen.reason, only_from=now.model_package_arn if now else None)
    if champion.version != target:
        raise GateError(
            f"{use_case.name}: expected version {now.version if now else 'none'} as champion, found version "
            f"{champion.version}, which another run has made champion meanwhile. Run the command again"
        )
    endpoint = serve(use_case, name, champion, action="rollback", tested=True)
    moved = now is None or now.version != target
    changed = before is None or before["EndpointConfigName"] != endpoint["EndpointConfigName"]
    if moved and not changed:  # else `serve` has recorded what it has changed
        record_release(use_case, champion, endpoint, "rollback")
    show_decision(use_case, champion.model_package_arn)
    return deployment_of(use_case, champion, endpoint, changed=changed)


def _previous(use_case: UseCase, now: Champion | None) -> int:
    """The version of the last champion before the present one, of those with a smaller number.

    It is the present one where an earlier call has made it champion, and was interrupted before it was served.
    """
    last = outcome.find_last(use_case.name)
    if now and now.returns and last and last.outcome == "released" and last.version != now.version:
        return now.version
    versions = [registry.version_of(arn) for arn in now.history] if now else []
    earlier = [version for version in versions if now and version < now.version]
    if not earlier:
        found = f"version {now.version}, the first" if now else "no champion"
        raise GateError(
            f"{use_case.name}: expected an earlier champion to return to, found {found}. Name a version with --to; "
            f"`vishwaops champion --use-case {use_case.name}` lists them"
        )
    return earlier[-1]


def _verified(use_case: UseCase, version: int, now: Champion | None, reason: str) -> Champion:
    """Return the version as a champion after its package, model, split and answers are verified."""
    package = champions.require_deployable(use_case, version, now)
    if not storage.exists(registry.model_uri(package)):
        raise MissingInput(
            f"{use_case.name}: expected the model of version {version} at {registry.model_uri(package)}, found none. "
            "Restore the object from the bucket's versions, or choose another version"
        )
    chosen = champions.of_package(use_case, package, reason)
    hosted = hosted_models.of_version(use_case, chosen)
    if _serves(use_case, hosted.name):
        log.info("rollback  the endpoint serves version %d already", version)
    else:
        require_signed(chosen)
        contract_test.require_sound(use_case, chosen, hosted)
    return chosen


def _serves(use_case: UseCase, config: str) -> bool:
    found = endpoints.find_endpoint(platform().endpoint(use_case.name))
    return bool(found and found["EndpointStatus"] == "InService" and found["EndpointConfigName"] == config)


def _save(use_case: UseCase, run: str, started: datetime, deployment: Deployment) -> None:
    """Write the record that `predict` and `monitor` read: they go by the rows that the served model was trained on."""
    values: dict[str, Any] = {"use_case": use_case.name, "run": run, "stage": "deploy", "started": started}
    seconds = round((datetime.now(UTC) - started).total_seconds(), 3)
    run_records.save.fn(
        StageRecord(**values, seconds=seconds, ran=(), reused=False, upstream=_upstream(use_case), reference=deployment)
    )


def _upstream(use_case: UseCase) -> dict[str, str]:
    """The records that a deployment is computed from: those of the latest release."""
    try:
        before = run_records.latest(use_case.name, "register")
    except MissingInput:
        return {}
    return {**before.upstream, "register": run_records.address(use_case.name, before.run, before.stage)}
