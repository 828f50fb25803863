"""Serves a trained artefact: SageMaker's model_fn, input_fn, predict_fn and output_fn.

Takes `application/json` ({"instances": [{"feature": value, ...}, ...]}) or `text/csv` with a header. A row that does
not fit the model's contract is answered by 400 with every problem, and the endpoint lives on.
"""

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from werkzeug.wrappers import Response

from tabular.artefact import Artefact
from tabular.columns import Problem, frame_of

JSON, CSV = "application/json", "text/csv"
SHOWN = 20
"""How many problems an answer lists."""


@dataclass(frozen=True)
class Refusal:
    """A request that can't be answered, and why."""

    status: int
    error: str
    problems: tuple[Problem, ...] = ()

    def response(self) -> Response:
        """The refusal as an HTTP response."""
        body = {"error": self.error, "problems": [asdict(problem) for problem in self.problems[:SHOWN]]}
        return Response(json.dumps(body), status=self.status, mimetype=JSON)


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


def input_fn(body: str | bytes, content_type: str) -> pd.DataFrame | Refusal:
    """Parse a request's rows; values are not looked at yet."""
    text = body.decode("utf-8-sig") if isinstance(body, bytes) else body
    kind = content_type.split(";")[0].strip().lower()
    try:
        if kind == CSV:
            return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        if kind == JSON:
            return _json_rows(text)
    except (ValueError, TypeError) as error:
        return Refusal(400, f"The body is not {kind} as this endpoint takes it: {error}")
    return Refusal(415, f"Content type: expected {JSON} or {CSV}, found {content_type!r}")


def _json_rows(text: str) -> pd.DataFrame:
    content = json.loads(text)
    rows = content.get("instances") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError('expected {"instances": [{"feature": value, ...}, ...]}')
    return pd.DataFrame.from_records(rows).astype(object)


def predict_fn(rows: pd.DataFrame | Refusal, model: Artefact) -> Predictions | Refusal:
    """Check every value against the model's contract, then predict."""
    if isinstance(rows, Refusal):
        return rows
    if rows.empty:
        return Refusal(400, "Rows: expected at least one, found none")
    frame, problems = frame_of(rows, model.contract.features)
    if problems:
        bad = len({problem.row for problem in problems})
        return Refusal(400, f"{bad} of {len(rows)} rows do not fit the model's contract", tuple(problems))
    return Predictions(model.contract.classes, model.output(frame))


def output_fn(prediction: Predictions | Refusal, accept: str) -> tuple[str, str] | Response:
    """Write the answer as JSON, or as CSV to a caller that asks for it."""
    if isinstance(prediction, Refusal):
        return prediction.response()
    return (prediction.csv(), CSV) if CSV in (accept or "") else (prediction.json(), JSON)
