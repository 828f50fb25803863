"""Tags of SageMaker resources.

A model package takes no tags: it has those of its group (CreateModelPackage, Amazon SageMaker API reference).
"""

from collections.abc import Mapping
from typing import Any

from config.profile import active_profile
from tasks.heartbeats import current_run
from tasks.platform import platform
from tasks.progress import log

ENVIRONMENT = "environment"
"""The job's tag for the environment (terraform/environments/) whose buckets it uses."""

RUN = "run"
"""The job's tag for the run that it belongs to."""

MOST_TAGS = 50
"""The limit of a resource."""


def labels(tags: Mapping[str, str]) -> list[Any]:
    """Return the tags, and those that Terraform gives its resources, by which budgets and cost reports find costs.

    They are dictionaries, because `TrainingJob.create` needs another `Tag` class than other resources.
    """
    return [{"key": key, "value": value} for key, value in merged(tags, platform().tags).items()]


def merged(own: Mapping[str, str], terraforms: Mapping[str, str]) -> dict[str, str]:
    """Return both sets of tags, at most 50. A key in both has its own value; the last of Terraform's are left out."""
    every = {**own, **{key: value for key, value in terraforms.items() if key not in own}}
    if len(every) > MOST_TAGS:
        log.warning(
            "          tags: expected at most %d, a resource's limit; found %d. Left out: %s. Remove some in Terraform",
            MOST_TAGS,
            len(every),
            ", ".join([*every][MOST_TAGS:]),
        )
    return dict([*every.items()][:MOST_TAGS])


def job_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return a job's tags with its environment and its run, by which `vishwaops jobs` finds it."""
    run = current_run()
    return {ENVIRONMENT: active_profile().environment, **({RUN: run} if run else {}), **tags}


def tag_list(tags: Mapping[str, str]) -> list[Any]:
    """Return the tags as boto3's clients take them."""
    return [{"Key": tag["key"], "Value": tag["value"]} for tag in labels(tags)]
