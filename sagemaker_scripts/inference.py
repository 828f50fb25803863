"""Serves a trained artefact: SageMaker's model_fn, input_fn, predict_fn and output_fn.

Takes `application/json` ({"instances": [{"feature": value, ...}, ...]}) or `text/csv` with a header. A row that does
not fit the model's contract is answered by 400 with every problem, and the endpoint lives on.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

import numpy as np
import pandas as pd
from sagemaker_inference.errors import BaseInferenceToolkitError

from tabular.artefact import Artefact
from tabular.columns import Problem, frame_of

JSON, CSV = "application/json", "text/csv"
SHOWN = 20
"""How many problems an answer lists."""


class Refusal(BaseInferenceToolkitError):  # type: ignore[misc]  # the image holds it, not this environment
    """A request that can't be answered: the status, and one line of JSON that says why.

    Of all exceptions only this base reaches the caller with a status of its own from AWS's XGBoost image.
    """

    def __init__(self, status: HTTPStatus, error: str, problems: Sequence[Problem] = ()) -> None:
        body = {"error": error, "problems": [asdict(problem) for problem in problems[:SHOWN]]}
        super().__init__(status.value, json.dumps(body), status.phrase)


@dataclass(frozen=True)
class Predictions:
    """What a model says of n rows: (n,) floats, or (n, classes) probabilities."""

    classes: tuple[str, ...]
    output: np.ndarray

    def json(self) -> str:
        """One object a row, with its prediction and, for classes, their probabilities."""
        if not self.classes:
            return json.dumps({"predictions": [{"prediction": value} for value in self.output.tolist()]})
        rows = [
            {
                "prediction": self.classes[int(np.argmax(row))],
                "probabilities": dict(zip(self.classes, row, strict=True)),
            }
            for row in self.output.tolist()
        ]
        return json.dumps({"predictions": rows})

    def csv(self) -> str:
        """One line a row: the prediction, then the probabilities in the contract's order."""
        if not self.classes:
            return "\n".join(map(repr, self.output.tolist()))
        return "\n".join(",".join([self.classes[int(np.argmax(row))], *map(repr, row)]) for row in self.output.tolist())


def model_fn(model_dir: str) -> Artefact:
    """Load the model, by skops: no pickle."""
    return Artefact.load(Path(model_dir))


def input_fn(body: str | bytes, content_type: str) -> pd.DataFrame:
    """Parse a request's rows; values are not looked at yet. Raises Refusal: 400, or 415 for another content type."""
    text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
    kind = content_type.split(";")[0].strip().lower()
    try:
        if kind == CSV:
            return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        if kind == JSON:
            return _json_rows(text)
    except (ValueError, TypeError) as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"The body is not {kind} as this endpoint takes it: {error}") from error
    raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content type: expected {JSON} or {CSV}, found {content_type!r}")


def _json_rows(text: str) -> pd.DataFrame:
    content = json.loads(text)
    rows = content.get("instances") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError('expected {"instances": [{"feature": value, ...}, ...]}')
    return pd.DataFrame.from_records(rows).astype(object)


def predict_fn(rows: pd.DataFrame, model: Artefact) -> Predictions:
    """Check every value against the model's contract, then predict. Raises Refusal: 400 with every problem."""
    if rows.empty:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Rows: expected at least one, found none")
    frame, problems = frame_of(rows, model.contract.features)
    if problems:
        bad = len({problem.row for problem in problems})
        raise Refusal(HTTPStatus.BAD_REQUEST, f"{bad} of {len(rows)} rows do not fit the model's contract", problems)
    return Predictions(model.contract.classes, model.output(frame))


def output_fn(prediction: Predictions, accept: str) -> tuple[str, str]:
    """Write the answer as JSON, or as CSV to a caller that asks for it."""
    return (prediction.csv(), CSV) if CSV in (accept or "") else (prediction.json(), JSON)
