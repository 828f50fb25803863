"""Use cases that tests are built from."""

from typing import Any

import yaml

from config import settings
from config.use_case import UseCase, load_use_case


def content(name: str) -> dict[str, Any]:
    """What the YAML file of a shipped use case holds."""
    found: dict[str, Any] = yaml.safe_load((settings.USE_CASES / f"{name}.yaml").read_text())
    return found


def small_use_case(**changes: Any) -> UseCase:
    """A binary use case of four columns, with `changes` to it."""
    plain: dict[str, Any] = {
        "name": "small_one",
        "question": "Will it?",
        "kpis": [{"name": "k", "target": "t"}],
        "source": {"kind": "location"},
        "key": ["id"],
        "columns": {
            "id": {"type": "integer", "minimum": 1},
            "age": {"type": "integer", "minimum": 10, "maximum": 30},
            "colour": {"type": "category", "categories": ["green", "red"], "nullable": True},
            "origin": {"type": "category", "categories": ["here", "there"], "sensitive": True},
            "passed": {"type": "category", "categories": ["no", "yes"]},
        },
        "target": {"column": "passed", "task": "binary", "classes": ["no", "yes"]},
        "features": ["age", "colour"],
        "split": {"by": "random", "seed": 1, "validation": 0.2, "test": 0.2},
        "candidates": [{"name": "logistic", "algorithm": "logistic_regression"}],
        "evaluation": {"primary": "roc_auc", "gates": [{"metric": "roc_auc", "at_least": 0.6}]},
        "quality": {"minimum_rows": 1, "maximum_quarantined_share": 0.5},
        "monitoring": {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": 10},
    }
    return UseCase.model_validate({**plain, **changes})


__all__ = ["content", "load_use_case", "small_use_case"]
