"""Publishes the settings of jobs: what a use case's YAML says about training and evaluation."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from config.candidates import Evaluation
from config.fairness import groups
from config.training import Training
from config.use_case import UseCase
from tabular.job_settings import FILE
from tasks import digests, locations, storage

DECIDED_LATER = frozenset({"confidence", "gates", "leakage", "limits"})
"""The keys of `evaluation` that only the decision reads. A change of one must not repeat a job."""

WITHOUT_EFFECT = frozenset({"budget", "learning_curve", "reduction", "selection", "spot"})
"""The keys of `training` that only training jobs read, or none."""


def publish(
    use_case: UseCase,
    evaluation: Collection[str] | None = None,
    training: Collection[str] | None = None,
    further: Mapping[str, Any] | None = None,
) -> str:
    """Store the settings as JSON, named by its digest, and return its folder: the input `settings` of a job.

    `evaluation` names the keys of `evaluation` that the job reads; by default all except those of the decision.
    `training` names those of `training`, by default all that a job may read. `further` has other JSON values by name.
    """
    known = set(Evaluation.model_fields) - DECIDED_LATER
    wanted = {
        "training": set(Training.model_fields) - WITHOUT_EFFECT if training is None else set(training),
        "evaluation": known if evaluation is None else known & set(evaluation),
    }
    found = use_case.model_dump(mode="json", include=wanted, exclude={"evaluation": {"fairness": {"bounds"}}})
    if found["evaluation"].get("fairness"):
        found["groups"] = groups(use_case)
    content = json.dumps({**found, **(further or {})}, indent=2, sort_keys=True).encode()
    folder = locations.settings(use_case.name, digests.of_bytes(content))
    storage.publish(folder, {FILE: content}, {"files": [FILE]})
    return folder
