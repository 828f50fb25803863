"""A use case whose checks are compared with those of Model Monitor and Clarify."""

from typing import Any

from config.use_case import UseCase
from tests.use_cases import small_use_case

FAIRNESS = {"columns": ["origin"], "bounds": [{"metric": "selection_rate_difference", "at_most": 0.05}]}


def case(**changes: Any) -> UseCase:
    gates = [{"metric": "roc_auc", "at_least": 0.6}, {"metric": "f1", "at_least": 0.9}]
    evaluation = {"primary": "roc_auc", "gates": gates, "fairness": FAIRNESS}
    return small_use_case(**{"evaluation": evaluation, **changes})
