"""Stops an endpoint that nobody has called for the use case's `release.idle_minutes`. `deploy` starts it again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from config.errors import ConfigError
from config.prices import load_prices
from config.profile import active_profile
from config.use_case import UseCase
from tasks import audit, names
from tasks.platform import platform
from tasks.progress import log
from tasks.release import outcome
from tasks.sagemaker import endpoints
from tasks.sagemaker.endpoint_metrics import statistic

HOURS_A_DAY = 24


@dataclass(frozen=True)
class IdleReport:
    """What became of an endpoint, and why."""

    use_case: str
    endpoint: str
    stopped: bool
    why: str
    dollars_an_hour: float | None = None
    """What it costs while it runs; None where the price is not known."""

    def __str__(self) -> str:
        money = ""
        if self.stopped and self.dollars_an_hour is not None:
            money = (
                f"; saves {self.dollars_an_hour:.3f} USD an hour, {HOURS_A_DAY * self.dollars_an_hour:.2f} USD a day"
            )
        return f"endpoint {self.endpoint} {'stopped' if self.stopped else 'stays'}: {self.why}{money}"


def stop_idle(use_case: UseCase, now: datetime | None = None) -> IdleReport:
    """Stop the endpoint if nobody has called it for `idle_minutes`. Its model stays for the next `deploy`."""
    name, moment = platform().endpoint(use_case.name), now or datetime.now(UTC)
    found = endpoints.find_endpoint(name)
    if found is None:
        return _reported(IdleReport(use_case.name, name, stopped=False, why="it does not run"))
    if reason := _reason_to_stay(use_case, found, moment):
        return _reported(IdleReport(use_case.name, name, stopped=False, why=reason))
    hourly = dollars_an_hour(found)
    version = names.version_of(use_case, found["EndpointConfigName"])
    endpoints.delete_endpoint(name)
    report = IdleReport(use_case.name, name, True, f"no request for {use_case.release.idle_minutes} minutes", hourly)
    outcome.save(use_case.name, version, "stopped", str(report), dollars_an_hour=hourly)
    audit.append(use_case, "stop", {"endpoint": name, "reason": str(report)})
    return _reported(report)


def _reported(report: IdleReport) -> IdleReport:
    log.info("idle      %s", report)
    return report


def _reason_to_stay(use_case: UseCase, found: dict[str, Any], now: datetime) -> str | None:
    minutes = use_case.release.idle_minutes
    if minutes is None:
        return "the use case has no release.idle_minutes"
    if found["EndpointStatus"] != "InService":
        return f"it is {found['EndpointStatus']}"
    since = now - timedelta(minutes=minutes)
    if found["LastModifiedTime"] > since:
        return f"it was deployed less than {minutes} minutes ago"
    if calls := statistic(found["EndpointName"], platform().variant, "Invocations", since, now):
        return f"{calls:.0f} requests in the last {minutes} minutes"
    return None


def dollars_an_hour(found: dict[str, Any]) -> float | None:
    """Return what an endpoint costs while nobody calls it, by config/prices; None for an unknown price."""
    config = endpoints.find_config(found["EndpointConfigName"])
    if config is None:
        return None
    counts = {each["VariantName"]: each.get("CurrentInstanceCount", 0) for each in found["ProductionVariants"]}
    try:
        return float(sum(_price(each) * counts.get(each["VariantName"], 0) for each in config["ProductionVariants"]))
    except ConfigError as error:
        log.warning("idle      %s", error)
        return None


def _price(variant: dict[str, Any]) -> float:
    """The price of an instance-hour. A serverless variant without provisioned concurrency costs nothing."""
    kind = variant.get("InstanceType")
    return load_prices(active_profile().region).find(f"hosting_{kind}").price if kind else 0.0
