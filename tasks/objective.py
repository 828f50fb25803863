"""The metric of a training job by which candidates are compared, and searches are led."""

from config.use_case import UseCase
from tasks.decision import less_is_better


def objective(use_case: UseCase) -> str:
    """The primary metric's name in a training job: over the folds of a cross-validation, else on validation rows."""
    part = "cv" if use_case.training.cross_validation else "validation"
    return f"{part}:{use_case.evaluation.primary}"


def is_maximized(use_case: UseCase) -> bool:
    """Whether a greater value of the objective is better."""
    return not less_is_better(use_case.evaluation.primary)
