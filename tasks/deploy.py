"""deploy: a live endpoint that serves the approved package."""

from typing import Any

from config.errors import GateError, JobFailed
from config.use_case import UseCase
from tasks import names
from tasks.platform import platform
from tasks.progress import log
from tasks.references import DataSplit, Deployment, Release
from tasks.sagemaker import endpoints, registry
from tasks.steps import step

ATTEMPTS = 3
"""Deployments until a run gives up that other runs of the use case overtake."""


@step()
def deploy(use_case: UseCase, release: Release, parts: DataSplit) -> Deployment:
    """Make the use case's endpoint serve the champion of `release`; nothing changes when it does already.

    If another run has registered a newer champion meanwhile, that one is served. Raises GateError when no version has
    ever been approved, and JobFailed when the endpoint does not come up.
    """
    if release.champion_arn is None:
        raise GateError(
            f"{use_case.name}: expected an approved version to deploy, found none: {'; '.join(release.reasons)}"
        )
    name, champion = platform().endpoint(use_case.name), newest(use_case, release.champion_arn)
    before = endpoints.find_endpoint(name)
    for _ in range(ATTEMPTS):
        endpoint = serve(use_case, name, champion)
        config, latest = names.model(use_case, version_of(champion)), newest(use_case, champion)
        if endpoint["EndpointConfigName"] == config and latest == champion:
            break
        champion = latest
    else:
        found = endpoint["EndpointConfigName"]
        raise JobFailed(
            f"endpoint {name}: expected it to serve {config}, found {found}, which another run has deployed"
        )
    changed = not before or before["EndpointConfigName"] != config
    log.info("deploy    endpoint %s serves version %d%s", name, version_of(champion), "" if changed else ", as before")
    return Deployment(
        use_case=use_case.name,
        endpoint_name=name,
        endpoint_arn=endpoint["EndpointArn"],
        model_package_arn=champion,
        trained_on=parts,
        changed=changed,
    )


def serve(use_case: UseCase, endpoint: str, package_arn: str) -> dict[str, Any]:
    """Make the endpoint serve a model package, and describe it then. Raises JobFailed when it does not come up."""
    tags, config = {"use-case": use_case.name}, names.model(use_case, version_of(package_arn))
    endpoints.ensure_model(config, package_arn, use_case.name, tags)
    return endpoints.put_endpoint(endpoint, config, platform().guardrail_alarms(use_case.name), tags)


def newest(use_case: UseCase, package_arn: str) -> str:
    """The registry's champion where it is newer than `package_arn`, else that."""
    champion = registry.champion(platform().model_package_group(use_case.name))
    return max(package_arn, champion["ModelPackageArn"] if champion else package_arn, key=version_of)


def version_of(package_arn: str) -> int:
    """The version at the end of a model package's ARN."""
    return int(package_arn.rpartition("/")[2])
