"""Tags of SageMaker resources."""

from collections.abc import Mapping
from typing import Any

from config.profile import active_profile
from tasks.heartbeats import current_run

ENVIRONMENT = "environment"
"""The tag of a job that names the environment of terraform/environments/ whose buckets it reads and writes."""

RUN = "run"
"""The tag of a job that names the run it belongs to."""


def labels(tags: Mapping[str, str]) -> list[Any]:
    """As dictionaries: `TrainingJob.create` wants another `Tag` than the other resources do."""
    return [{"key": key, "value": value} for key, value in tags.items()]


def job_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a job, with those by which `vishwaops jobs` finds it: its environment, and the run it belongs to."""
    run = current_run()
    return {ENVIRONMENT: active_profile().environment, **({RUN: run} if run else {}), **tags}
