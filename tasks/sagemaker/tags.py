"""Tags of SageMaker resources."""

from collections.abc import Mapping
from typing import Any

from config.profile import active_profile
from tasks.heartbeats import current_run

ENVIRONMENT = "environment"
"""The job's tag for the environment (terraform/environments/) whose buckets it uses."""

RUN = "run"
"""The job's tag for the run that it belongs to."""


def labels(tags: Mapping[str, str]) -> list[Any]:
    """Return the tags as dictionaries: `TrainingJob.create` needs another `Tag` class than other resources."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def job_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return a job's tags with its environment and its run, by which `vishwaops jobs` finds it."""
    run = current_run()
    return {ENVIRONMENT: active_profile().environment, **({RUN: run} if run else {}), **tags}


def tag_list(tags: Mapping[str, str]) -> list[Any]:
    """Return the tags as boto3's clients take them."""
    return [{"Key": tag["key"], "Value": tag["value"]} for tag in labels(tags)]
