"""Checks that models and their evaluations are from one split."""

from config.errors import GateError
from tasks.references import DataSplit, ModelEvaluation, TrainedModel


def require_split(split: DataSplit, *references: TrainedModel | ModelEvaluation) -> None:
    """Raise GateError unless every model and evaluation is from this split."""
    for reference in references:
        if reference.split_digest != split.digest:
            raise GateError(
                f"{split.use_case}: expected {_described(reference)} of split {split.digest}, found split "
                f"{reference.split_digest}. A model is evaluated only on its own split. Run the stages train and "
                "evaluate again, or the lifecycle"
            )


def _described(reference: TrainedModel | ModelEvaluation) -> str:
    if isinstance(reference, TrainedModel):
        return f"the model of candidate {reference.candidate}"
    return f"the evaluation {reference.job_name}"
