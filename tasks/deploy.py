"""deploy: make an endpoint serve the champion."""

from typing import Any

from config.errors import GateError, JobFailed, MissingInput
from config.use_case import UseCase
from tasks import champion as champions
from tasks import names
from tasks.platform import platform
from tasks.progress import log
from tasks.references import Champion, Deployment, Release
from tasks.sagemaker import endpoints
from tasks.steps import step

ATTEMPTS = 3
"""The number of deployments after which a run gives up, because other runs move the champion each time."""


@step()
def deploy(use_case: UseCase, release: Release) -> Deployment:
    """Make the use case's endpoint serve the champion. Nothing changes when it serves the champion already.

    If the champion moves during the deployment, the new champion is deployed. Raises GateError without a champion, and
    JobFailed when the endpoint does not become `InService`. After an alarm's rollback, the champion moves back to the
    served version.
    """
    name, champion = platform().endpoint(use_case.name), _require_champion(use_case, release)
    before = endpoints.find_endpoint(name)
    for _ in range(ATTEMPTS):
        endpoint = serve(use_case, name, champion)
        latest = _require_champion(use_case, release)
        config = names.model(use_case, champion.version)
        if latest.version == champion.version and endpoint["EndpointConfigName"] == config:
            break
        champion = latest
    else:
        found = endpoint["EndpointConfigName"]
        raise JobFailed(
            f"endpoint {name}: expected it to serve {config}, found {found}, deployed by another run. "
            "Run the stage deploy again"
        )
    changed = not before or before["EndpointConfigName"] != config
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


def serve(use_case: UseCase, endpoint: str, champion: Champion) -> dict[str, Any]:
    """Make the endpoint serve the champion, and return its description.

    Raises JobFailed when the endpoint does not become `InService`, or when an alarm rolls the deployment back. The
    champion then moves back to the served version.
    """
    tags, config = {"use-case": use_case.name}, names.model(use_case, champion.version)
    endpoints.ensure_model(config, champion.model_package_arn, use_case.name, tags)
    try:
        return endpoints.put_endpoint(endpoint, config, platform().guardrail_alarms(use_case.name), tags)
    except JobFailed as error:
        _follow_rollback(use_case, endpoint, champion, f"the deployment of version {champion.version} failed: {error}")
        raise


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
    version = endpoint["EndpointConfigName"].removeprefix(names.model_prefix(use_case))
    return int(version) if version.isdecimal() else None
