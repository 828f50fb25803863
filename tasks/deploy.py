"""deploy: make an endpoint serve the champion."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from config.errors import GateError, JobFailed, MissingInput, VishwaOpsError
from config.profile import active_profile
from config.use_case import UseCase
from tasks import audit, names
from tasks import champion as champions
from tasks.contract_traffic import EVERY_MINUTES, ContractTraffic
from tasks.platform import platform
from tasks.progress import log
from tasks.references import Champion, Deployment, Release
from tasks.release import contract_test, outcome, shadow, temporary_endpoint
from tasks.sagemaker import endpoints, hosted_models
from tasks.sagemaker.guardrails import Guard
from tasks.sagemaker.hosted_models import HostedModel
from tasks.sagemaker.invocations import HELD_OUT, invoke
from tasks.sagemaker.resource_errors import is_missing
from tasks.signing.models import require_signed
from tasks.steps import step

ATTEMPTS = 3
"""The number of deployments after which a run gives up, because other runs move the champion each time."""
JSON = "application/json"


@step()
def deploy(use_case: UseCase, release: Release) -> Deployment:
    """Make the use case's endpoint serve the champion. Nothing changes when it serves the champion already, with the
    present settings of `hosting` and the profile.

    If the champion moves during the deployment, the new champion is deployed. Raises GateError without a champion, or
    when a version fails its test before the release; and JobFailed when the endpoint does not become `InService`. After
    a failure the champion moves back to the served version.
    """
    name, champion = platform().endpoint(use_case.name), _require_champion(use_case, release)
    before = endpoints.find_endpoint(name)
    for _ in range(ATTEMPTS):
        endpoint = serve(use_case, name, champion)
        latest = _require_champion(use_case, release)
        config = hosted_models.of_version(use_case, latest).name
        if latest.version == champion.version and endpoint["EndpointConfigName"] == config:
            break
        champion = latest
    else:
        found = endpoint["EndpointConfigName"]
        raise JobFailed(
            f"endpoint {name}: expected it to serve {config}, found {found}, deployed by another run. "
            "Run the stage deploy again"
        )
    return deployment_of(use_case, champion, endpoint, changed=_config_of(before) != config)


def deployment_of(use_case: UseCase, champion: Champion, endpoint: Mapping[str, Any], *, changed: bool) -> Deployment:
    """Return the reference to an endpoint that serves the champion."""
    name = endpoint["EndpointName"]
    log.info("deploy    endpoint %s serves version %d%s", name, champion.version, "" if changed else ", as before")
    return Deployment(
        use_case=use_case.name,
        endpoint_name=name,
        endpoint_arn=endpoint["EndpointArn"],
        model_package_arn=champion.model_package_arn,
        trained_on=champion.split,
        changed=changed,
    )


def _require_champion(use_case: UseCase, release: Release) -> Champion:
    if found := champions.read(use_case):
        return found
    raise GateError(
        f"{use_case.name}: expected a champion to deploy, found none; version {release.version}: "
        f"{'; '.join(release.reasons)}. To deploy a version that a person has approved: vishwaops champion --use-case "
        f"{use_case.name} --set VERSION"
    )


def serve(
    use_case: UseCase, endpoint: str, champion: Champion, *, action: str = "deploy", tested: bool = False
) -> dict[str, Any]:
    """Make the endpoint serve the champion, and return its description.

    A version that is not served yet is first tested on a temporary endpoint unless it is `tested`, then released by the
    steps of the use case's `release`; one that was champion before, all at once. While the deployment's alarms are
    watched, requests with held-out rows are sent. Raises GateError when the version is not signed or was changed, when
    the endpoint can't get the use case's hosting, or when the test or the shadow fails; and JobFailed when the endpoint
    does not become `InService`, or when an alarm rolls the deployment back. The champion then moves back to the served
    version. The outcome is stored, and the audit log gets the `action`: also of a deployment whose process was killed.
    """
    temporary_endpoint.remove_abandoned(use_case)
    hosted = hosted_models.of_version(use_case, champion)
    before = endpoints.find_endpoint(endpoint)
    endpoints.require_convertible(endpoint, before, serverless=hosted.serverless)
    if _config_of(before) != hosted.name:
        require_signed(champion)
    every = EVERY_MINUTES * active_profile().endpoint.release_minute_in_seconds
    traffic = ContractTraffic(
        use_case,
        champion.split,
        lambda body: invoke(endpoint, body, JSON, JSON, inference_id=f"{HELD_OUT}contract"),
        every,
    )
    try:
        if not tested and _config_of(before) != hosted.name:
            contract_test.require_sound(use_case, champion, hosted)
        found = _release(use_case, endpoint, hosted, champion, traffic)
    except (GateError, JobFailed) as error:
        _follow_rollback(use_case, endpoint, champion, f"the deployment of version {champion.version} failed: {error}")
        ended: outcome.Outcome = "rolled back" if isinstance(error, JobFailed) else "refused"
        outcome.save(use_case.name, champion.version, ended, str(error))
        audit.append(use_case, "refuse", {"version": str(champion.version), "how": ended, "reason": str(error)})
        raise
    if _config_of(before) != found["EndpointConfigName"]:
        traffic.report()
        record_release(use_case, champion, found, action)
        _clean_up(use_case, found, before)
    elif outcome.is_unfinished(use_case.name, champion.version):
        record_release(use_case, champion, found, action)
    return found


def record_release(use_case: UseCase, champion: Champion, endpoint: Mapping[str, Any], action: str) -> None:
    """Write to the audit log, by this `action`, then as the last release, that the endpoint serves the champion.

    A process that is killed between the two writes is repeated without a second entry.
    """
    facts = {
        "version": str(champion.version),
        "model_package_arn": champion.model_package_arn,
        "endpoint": endpoint["EndpointName"],
        "reason": champion.reason,
    }
    audit.append(use_case, action, facts, once=f"{endpoint['LastModifiedTime']} {champion.since}")
    outcome.save(use_case.name, champion.version, "released", champion.reason)


def _release(
    use_case: UseCase, endpoint: str, hosted: HostedModel, champion: Champion, traffic: ContractTraffic
) -> dict[str, Any]:
    """Show the requests to the new version's shadow, and move the traffic to it."""
    tags, alarms, rules = {"use-case": use_case.name}, platform().guardrail_alarms(use_case.name), use_case.release
    if champion.returns:
        return _put(endpoint, hosted, Guard(alarms), tags, traffic.send)
    if _config_of(endpoints.find_endpoint(endpoint)) != hosted.name:
        shadow.require_quiet(use_case, endpoint, hosted, alarms, traffic.send)
    return _put(endpoint, hosted, Guard(alarms, rules.steps), tags, traffic.send)


def _config_of(endpoint: Mapping[str, Any] | None) -> str | None:
    """The configuration of an endpoint, or None when there is none, or one that has failed or is being deleted."""
    if endpoint is None or endpoint["EndpointStatus"] in ("Failed", "Deleting"):
        return None
    return str(endpoint["EndpointConfigName"])


def _put(
    endpoint: str, hosted: HostedModel, guard: Guard, tags: Mapping[str, str], while_baking: Callable[[], None]
) -> dict[str, Any]:
    """Create the model, its configuration and the endpoint: again when another run or a person deletes one of them."""
    left = ATTEMPTS
    while True:
        try:
            hosted_models.ensure(hosted, tags)
            return endpoints.put_endpoint(endpoint, hosted.name, guard, tags, while_baking)
        except ClientError as error:
            left -= 1
            if not (left and is_missing(error)):
                raise
            log.warning("deploy    endpoint %s: trying again, a part of it is gone: %s", endpoint, error)


def _clean_up(use_case: UseCase, found: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    """Delete unused models, but not those of the endpoint as it is now and as it was before.

    Nothing is deleted while another run deploys: SageMaker lets a configuration be deleted during its deployment.
    """
    configs = [each["EndpointConfigName"] for each in (found, before) if each]
    try:
        if not _is_unchanged(found):
            return
        unused = hosted_models.delete_unused(use_case, configs, hosted_models.UNUSED_FOR)
    except (ClientError, VishwaOpsError) as error:  # the deployment has succeeded; the next one cleans up
        log.warning("deploy    unused models are left: %s", error)
        return
    if unused:
        log.info("deploy    deleted %d unused model(s): %s", len(unused), ", ".join(unused))


def _is_unchanged(found: Mapping[str, Any]) -> bool:
    now = endpoints.find_endpoint(found["EndpointName"])
    return now is not None and all(now[key] == found[key] for key in ("EndpointStatus", "EndpointConfigName"))


def _follow_rollback(use_case: UseCase, endpoint: str, champion: Champion, reason: str) -> None:
    """Move the champion back to the version that the endpoint serves, unless another run has moved it."""
    served = served_version(use_case, endpoints.find_endpoint(endpoint))
    if served is None or served == champion.version:
        return
    try:
        now = champions.move(use_case, served, reason, only_from=champion.model_package_arn)
        log.info("deploy    champion is version %d again", now.version)
    except (GateError, MissingInput) as problem:  # the error to report is the failed deployment
        log.warning("deploy    champion stays version %d: %s", champion.version, problem)


def served_version(use_case: UseCase, endpoint: dict[str, Any] | None) -> int | None:
    """Return the version that an endpoint serves; None when it is not in service or serves another use case."""
    if not endpoint or endpoint["EndpointStatus"] != "InService":
        return None
    return names.version_of(use_case, endpoint["EndpointConfigName"])
