"""The columns of a model's answers in stored predictions: the prediction, the probabilities, and their row."""

from config.use_case import UseCase

PREDICTION = "prediction"
PROBABILITY = "probability_"
"""The prefix of the column of a class."""
INPUT_ROW = "input_row"
"""A row's number in its source, from 0."""
INFERENCE_ID, INFERENCE_ROW = "inference_id", "inference_row"
"""The InferenceId of the request that answered a row, and the row's number in it, from 0."""


def answer_types(use_case: UseCase) -> dict[str, str]:
    """Return the pandas type of each column of answers, in order."""
    classes = use_case.target.classes or ()
    return {PREDICTION: "string" if classes else "float64", **{probability(name): "float64" for name in classes}}


def probability(name: str) -> str:
    """Return the column of the probability of a class."""
    return f"{PROBABILITY}{name}"
