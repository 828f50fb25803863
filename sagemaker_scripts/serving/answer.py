"""Answers one request to a model: from the body's bytes to a status, a body and a content type."""

import csv
import io
import json
from dataclasses import asdict, dataclass
from http import HTTPStatus

import numpy as np
import pandas as pd

from serving.request_rows import CSV, JSON, SHOWN, Rejected, RequestRows, read_rows
from tabular.artefact import Artefact
from tabular.checks import NO_ROW, Checked, Problem, check


@dataclass(frozen=True)
class Answer:
    """The response to a request."""

    status: int
    body: str
    content_type: str


@dataclass(frozen=True)
class Scores:
    """A model's output for n rows: (n,) floats, or (n, classes) probabilities."""

    classes: tuple[str, ...]
    output: np.ndarray

    def json(self) -> str:
        """Return one object per row, with its prediction and, for classes, the probabilities."""
        if not self.classes:
            return json.dumps({"predictions": [{"prediction": value} for value in self.output.tolist()]})
        rows = [
            {"prediction": self._best(row), "probabilities": dict(zip(self.classes, row, strict=True))}
            for row in self.output.tolist()
        ]
        return json.dumps({"predictions": rows})

    def csv(self) -> str:
        """Return one line per row: the prediction, then the probabilities in the contract's order."""
        if not self.classes:
            return "\n".join(map(repr, self.output.tolist()))
        lines = io.StringIO()
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerows([self._best(row), *map(repr, row)] for row in self.output.tolist())
        return lines.getvalue().removesuffix("\n")

    def _best(self, probabilities: list[float]) -> str:
        return self.classes[int(np.argmax(probabilities))]


def answer(model: Artefact, body: str | bytes, content_type: str, accept: str) -> Answer:
    """Score the rows in `body`. Returns 200 with the predictions, or 4xx with the problems as one line of JSON."""
    try:
        scores = score_rows(model, read_rows(body, content_type, model.contract.features))
    except Rejected as rejected:
        return refusal(rejected)
    if wants_csv(accept):
        return Answer(HTTPStatus.OK.value, scores.csv(), CSV)
    return Answer(HTTPStatus.OK.value, scores.json(), JSON)


def refusal(rejected: Rejected) -> Answer:
    """Return the response to an invalid request. The row of a problem of all rows is null."""
    problems = [
        {**asdict(problem), "row": None if problem.row == NO_ROW else problem.row} for problem in rejected.problems
    ]
    return Answer(rejected.status.value, json.dumps({"error": rejected.error, "problems": problems}), JSON)


def wants_csv(accept: str) -> bool:
    """Whether an Accept header has `text/csv`, and not JSON before it."""
    kinds = [kind.split(";")[0].strip().lower() for kind in (accept or "").split(",")]
    return next((kind for kind in kinds if kind in (CSV, JSON)), JSON) == CSV


def score_rows(model: Artefact, rows: RequestRows) -> Scores:
    """Check every value against the model's contract, then predict. Raises Rejected (400) with the problems."""
    checked = check(rows.cells, model.contract.features)
    bad = rows.count - len(rows.cells) + int(checked.bad_rows.sum())
    if bad:
        raise _misfits(bad, rows, checked)
    features = model.features(checked.frame)
    with np.errstate(over="ignore"):
        _require_finite(features.astype("float32"), checked, "that the model can compute with")
    output = model.predict(features)
    _require_finite(output, checked, "that gives a finite prediction")
    return Scores(model.contract.classes, output)


def _misfits(bad: int, rows: RequestRows, checked: Checked) -> Rejected:
    problems = sorted([*rows.problems, *checked.problems(SHOWN + 1)], key=lambda problem: problem.row)
    cut = f"; the first {SHOWN} problems are listed" if len(problems) > SHOWN else ""
    error = f"{bad} of {rows.count} rows do not fit the model's contract{cut}"
    return Rejected(HTTPStatus.BAD_REQUEST, error, problems[:SHOWN])


def _require_finite(values: np.ndarray, checked: Checked, expected: str) -> None:
    """Raise Rejected for rows of (n, …) values that are not finite. Extremely large numbers are the only cause."""
    rows = np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))
    if len(rows):
        problems = [_largest(checked, int(row), expected) for row in rows[:SHOWN]]
        raise Rejected(HTTPStatus.BAD_REQUEST, f"{len(rows)} of {len(values)} rows are out of range", problems)


def _largest(checked: Checked, row: int, expected: str) -> Problem:
    numbers = [column for column in checked.columns if column.type in ("integer", "number")]
    sizes = pd.Series([checked.frame[column.name].iloc[row] for column in numbers], dtype="float64").abs()
    column = numbers[int(sizes.fillna(0).argmax())]
    found = column.shown(checked.raw[column.name].iloc[row])
    return Problem(int(checked.frame.index[row]), column.name, f"{column.expected} {expected}", found)
