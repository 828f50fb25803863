"""deploy: a live endpoint that serves the approved package."""

from prefect import task

from config.errors import GateError
from config.use_case import UseCase
from tasks import names
from tasks.platform import platform
from tasks.progress import log
from tasks.references import Deployment, Release
from tasks.sagemaker import endpoints, registry


@task
def deploy(use_case: UseCase, release: Release) -> Deployment:
    """Make the use case's endpoint serve the champion of `release`; nothing changes when it does already.

    Raises GateError when no version has ever been approved, and JobFailed when the endpoint does not come up.
    """
    if release.champion_arn is None:
        raise GateError(
            f"{use_case.name}: expected an approved version to deploy, found none: {'; '.join(release.reasons)}"
        )
    package = registry.describe_package(release.champion_arn)
    version = package["ModelPackageVersion"]
    name, config = platform().endpoint(use_case.name), names.model(use_case, version)
    tags = {"use-case": use_case.name}
    before = endpoints.find_endpoint(name)
    endpoints.ensure_model(config, release.champion_arn, use_case.name, tags)
    endpoint = endpoints.put_endpoint(name, config, platform().guardrail_alarms(use_case.name), tags)
    changed = not before or before["EndpointConfigName"] != config
    log.info("deploy    endpoint %s serves version %d%s", name, version, "" if changed else ", as before")
    return Deployment(
        use_case=use_case.name,
        endpoint_name=name,
        endpoint_arn=endpoint["EndpointArn"],
        model_package_arn=release.champion_arn,
        changed=changed,
    )
