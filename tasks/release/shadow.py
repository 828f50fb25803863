"""The shadow of a release: the new version gets copies of the requests, and nobody gets its answers."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from config.errors import GateError
from config.profile import active_profile
from config.use_case import UseCase
from tasks import cancellation
from tasks.platform import platform
from tasks.progress import log
from tasks.release import variants
from tasks.sagemaker import endpoints
from tasks.sagemaker.endpoint_metrics import alarm_states, answers
from tasks.sagemaker.endpoints import Meanwhile
from tasks.sagemaker.guardrails import Guard
from tasks.sagemaker.hosted_models import HostedModel

METRICS_AFTER_MINUTES = 2
"""CloudWatch has the metrics of a minute about a minute after its end."""


def require_quiet(
    use_case: UseCase, endpoint: str, hosted: HostedModel, alarms: Sequence[str], meanwhile: Meanwhile
) -> None:
    """Give a new version copies of the requests for the minutes of the use case's `release.shadow`.

    The endpoint gets its former configuration back when the shadow fails. Raises GateError when a larger share of its
    requests fails than of those that are answered, or when an alarm goes off; and JobFailed when it does not start.
    """
    rules, before = use_case.release.shadow, endpoints.find_endpoint(endpoint)
    if rules is None or before is None or before["EndpointStatus"] != "InService":
        return
    tags, served = {"use-case": use_case.name}, before["EndpointConfigName"]
    config = variants.ensure_shadow_config(use_case, served, hosted, rules.percent, tags)
    if config is None:
        log.warning("deploy    no shadow: endpoint %s serves %s, which the flows have not made", endpoint, served)
        return
    endpoints.put_endpoint(endpoint, config, Guard(alarms, bakes=False), tags)
    log.info("deploy    shadow: %s gets copies of %d %% of the requests", hosted.name, rules.percent)
    try:
        _observe(endpoint, rules.minutes, alarms, meanwhile)
    except GateError:
        endpoints.put_endpoint(endpoint, served, Guard(bakes=False), tags)
        raise


def _observe(endpoint: str, minutes: int, alarms: Sequence[str], meanwhile: Meanwhile) -> None:
    begun = datetime.now(UTC)
    earlier = answers(endpoint, platform().variant, begun)  # of the minute in which the shadow begins
    _wait(minutes, alarms, meanwhile)
    _wait(METRICS_AFTER_MINUTES, alarms, lambda: None)
    shadow = answers(endpoint, variants.SHADOW, begun)
    production = answers(endpoint, platform().variant, begun).without(earlier)
    log.info("deploy    shadow: %s; the version that answers: %s", shadow, production)
    if not shadow.requests:
        log.warning("deploy    shadow: no request came, so nothing is known about the new version")
    if shadow.failed_share > production.failed_share:
        raise GateError(
            f"endpoint {endpoint}: expected the shadow to fail as rarely as the version that answers ({production}), "
            f"found {shadow}. No client got its answers. Its log says why (CloudWatch Logs, group "
            f"/aws/sagemaker/Endpoints/{endpoint}, streams {variants.SHADOW}/)"
        )


def _wait(minutes: int, alarms: Sequence[str], meanwhile: Meanwhile) -> None:
    profile = active_profile()
    end = time.monotonic() + minutes * profile.endpoint.release_minute_in_seconds
    while time.monotonic() < end:
        if ringing := [name for name, state in alarm_states(alarms).items() if state == "ALARM"]:
            raise GateError(f"shadow: expected no alarm, found {', '.join(ringing)} in ALARM. The shadow is removed")
        meanwhile()
        cancellation.wait(profile.poll_seconds)
