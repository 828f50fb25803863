"""predict: rows go to the endpoint by the SageMaker runtime API, and its answers to S3."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from config.errors import InvalidRows, SourceError
from config.use_case import UseCase
from tabular.checks import check
from tabular.columns import Absent
from tabular.formats import USUAL, Format
from tabular.layouts import headerless_hint
from tabular.metrics import score
from tabular.records import MalformedRow
from tabular.suggestions import MOST_LISTED
from tasks import locations, names, sources, storage
from tasks.model_contract import STORED, columns, with_marks
from tasks.progress import log
from tasks.references import DataSplit, Deployment, Predictions
from tasks.sagemaker.endpoints import invoke
from tasks.scoring import Scored, score_rows
from tasks.sources import SourceRows
from tasks.steps import step

SAMPLE = 3
SHOWN_REASONS = 5
JSON = "application/json"
INPUT_ROW = "input_row"
"""A scored row's number in its source, counted from 0."""
PREDICTION = "prediction"
PROBABILITY = "probability_"
Sample = tuple[dict[str, str], ...]


@dataclass(frozen=True)
class InputRows:
    """Rows that are to be scored, as they were read."""

    raw: pd.DataFrame
    """(n, key and features) cells under the schema's names; the index holds each row's number in its source."""
    lines: Mapping[int, int]
    """The line on which a row begins, by its number; empty where the source has no lines."""
    malformed: Mapping[int, MalformedRow]
    """By row number, what could not be read as a row."""
    format: Format = USUAL
    """How the source is written."""

    def place(self, row: int) -> str:
        """Where a row is, for a person."""
        line = self.malformed[row].line if row in self.malformed else self.lines.get(row)
        return f"row {row}" if line is None else f"line {line}"


@step(cached=True)
def predict_held_out(use_case: UseCase, deployment: Deployment, split: DataSplit) -> Predictions:
    """Score the rows that no model has seen, and how well. Raises InvalidRows when the endpoint refuses one of them."""
    rows = storage.get_parquet(f"{split.test_uri}/data.parquet")
    scored = _ask_endpoint(deployment, rows[list(use_case.features)])
    if scored.refused:
        reasons = [f"row {row}: {why[0]}" for row, why in scored.refused.items()]
        raise _refused(
            deployment, f"expected answers to all {len(rows):,} rows, found {len(reasons):,} refused", reasons
        )
    answers = answered(use_case, rows, scored)
    predictions = _publish(use_case, deployment, answers, pd.DataFrame(), _sample(scored))
    return predictions.model_copy(update={"quality": quality(use_case, rows[use_case.target.column], answers)})


def quality(use_case: UseCase, truth: pd.Series, answers: pd.DataFrame) -> float:
    """The primary metric of the n answers, given the (n,) true classes or values."""
    classes = list(use_case.target.classes or ())
    if not classes:
        found = score("regression", truth.to_numpy(float), answers[PREDICTION].to_numpy(float))
    else:
        numbers = truth.map({name: number for number, name in enumerate(classes)}).to_numpy(int)
        found = score(use_case.target.task, numbers, answers[[f"{PROBABILITY}{c}" for c in classes]].to_numpy(float))
    return found[use_case.evaluation.primary]


@step()
def predict_file(use_case: UseCase, deployment: Deployment, location: str) -> Predictions:
    """Score the good rows at `location`: a path, `s3://` or `https://`; the target may be missing.

    The other rows are published beside the predictions, each with its reasons. Raises SourceError when the source can't
    be read or lacks a feature, and InvalidRows when no row could be scored.
    """
    rows = read_rows(use_case, location)
    frame, reasons = check_rows(use_case, rows)
    scored = _ask_endpoint(deployment, frame[list(use_case.features)])
    reasons |= scored.refused
    quarantine = quarantined(rows, reasons)
    places = [f"{rows.place(row)}: {why}" for row in sorted(reasons) for why in reasons[row]]
    predictions = _publish(use_case, deployment, answered(use_case, frame, scored), quarantine, _sample(scored))
    if reasons:
        log.info("          %s row(s) put aside: %s", f"{len(quarantine):,}", predictions.quarantine_uri)
    if reasons and not scored.answers:
        found = f"expected rows that fit, found none among {len(quarantine):,}"
        raise _refused(deployment, found, [*places[:SHOWN_REASONS], f"all of them: {predictions.quarantine_uri}"])
    return predictions.model_copy(update={"reasons": tuple(places[:SHOWN_REASONS])})


def read_rows(use_case: UseCase, location: str) -> InputRows:
    """Read the key and the features of the rows at `location`. Raises SourceError when a feature's column is absent."""
    headers = use_case.headers
    schema = list(headers.values())
    source = sources.read_table(location, use_case.source.format(schema), schema)
    wanted = {name: headers[name] for name in (*use_case.key, *use_case.features)}
    _require_features(location, source, [wanted[name] for name in use_case.features], set(headers.values()))
    cells = {name: source.frame[header] for name, header in wanted.items() if header in source.frame}
    good, bad = (list(map(int, numbers)) for numbers in source.numbers())
    lines = {} if source.lines is None else dict(zip(good, map(int, source.lines), strict=True))
    raw = pd.DataFrame(cells).set_index(pd.Index(good))
    return InputRows(raw, lines, dict(zip(bad, source.malformed, strict=True)), source.format)


def _require_features(location: str, source: SourceRows, features: list[str], known: set[str]) -> None:
    others = set(map(str, source.frame.columns)) - known
    found = [
        f"{header!r}: expected a column, found {source.unusable.get(header) or Absent(header, others).shown()}"
        for header in features
        if header not in source.frame
    ]
    if found:
        hint = headerless_hint(list(map(str, source.frame.columns)))
        more = [f"and {len(found) - MOST_LISTED:,} more"] if len(found) > MOST_LISTED else []
        words = "; ".join([*found[:MOST_LISTED], *more])
        raise SourceError(f"{location}: lacks {len(found)} feature(s): {words}{hint}")


def check_rows(use_case: UseCase, rows: InputRows) -> tuple[pd.DataFrame, dict[int, list[str]]]:
    """Judge the rows by the schema, as the endpoint does.

    Returns the typed good rows under their numbers, and the reasons of the others by number.
    """
    known = with_marks(columns(use_case), rows.format)
    reasons = {row: [malformed.reason] for row, malformed in rows.malformed.items()}
    checked = check(rows.raw, [known[str(name)] for name in rows.raw])
    for problem in checked.problems():
        reasons.setdefault(problem.row, []).append(problem.text())
    return checked.frame[~checked.bad_rows], reasons


def quarantined(rows: InputRows, reasons: Mapping[int, list[str]]) -> pd.DataFrame:
    """The rows with a reason: number, line, cells or else the whole line as text, and reasons."""
    order = sorted(reasons)
    malformed = [rows.malformed.get(row) for row in order]
    lines = [bad.line if bad else rows.lines.get(row) for row, bad in zip(order, malformed, strict=True)]
    table = rows.raw.reindex(order).astype(object).map(_text).reset_index(drop=True)
    table.insert(0, INPUT_ROW, order)
    table.insert(1, "line", pd.array(lines, dtype="Int64"))
    table["text"] = [bad.text if bad else None for bad in malformed]
    table["reasons"] = [reasons[row] for row in order]
    return table


def _text(value: Any) -> str | None:
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)


def _ask_endpoint(deployment: Deployment, features: pd.DataFrame) -> Scored:
    return score_rows(features, lambda body: invoke(deployment.endpoint_name, body, JSON, JSON))


def _refused(deployment: Deployment, found: str, reasons: list[str]) -> InvalidRows:
    shown = "".join(f"\n  {reason}" for reason in reasons[: SHOWN_REASONS + 1])
    return InvalidRows(f"endpoint {deployment.endpoint_name}: {found}{shown}")


def _publish(
    use_case: UseCase, deployment: Deployment, rows: pd.DataFrame, quarantine: pd.DataFrame, sample: Sample
) -> Predictions:
    """Store the scored rows with their answers, and beside them the quarantined rows, if any, with their reasons."""
    folder = locations.predictions(use_case.name, names.stamp())
    storage.put(f"{folder}/predictions.parquet", storage.parquet(rows))
    if len(quarantine):
        storage.put(f"{folder}/quarantine.parquet", storage.parquet(quarantine))
    first = f"; row {sample[0]['row']}: {sample[0]['answer']}" if sample else ""
    log.info("predict   %s rows scored%s", f"{len(rows):,}", first)
    return Predictions(
        use_case=use_case.name,
        endpoint_name=deployment.endpoint_name,
        trained_on=deployment.trained_on,
        uri=f"{folder}/predictions.parquet",
        quarantine_uri=f"{folder}/quarantine.parquet" if len(quarantine) else None,
        rows=len(rows),
        quarantined=len(quarantine),
        sample=sample,
    )


def answered(use_case: UseCase, frame: pd.DataFrame, scored: Scored) -> pd.DataFrame:
    """The scored rows of a typed frame, in order: source row number, key, features, prediction and probabilities."""
    known = columns(use_case)
    rows = [int(row) for row in frame.index if row in scored.answers]
    kept = [name for name in (*use_case.key, *use_case.features) if name in frame]
    types = {name: STORED[known[name].type] for name in kept}
    table = frame.loc[rows, kept].astype(types).reset_index(drop=True)
    table.insert(0, INPUT_ROW, rows)
    answers = [scored.answers[row] for row in rows]
    table[PREDICTION] = [answer["prediction"] for answer in answers]
    for name in use_case.target.classes or ():
        table[f"{PROBABILITY}{name}"] = [answer["probabilities"][name] for answer in answers]
    return table


def _sample(scored: Scored) -> Sample:
    first = list(scored.answers.items())[:SAMPLE]
    return tuple({"row": str(row), "answer": _readable(answer)} for row, answer in first)


def _readable(answer: Mapping[str, Any]) -> str:
    if "probabilities" not in answer:
        return f"{answer['prediction']:.2f}"
    sure = answer["probabilities"][answer["prediction"]]
    return f"{answer['prediction']} ({sure:.0%} sure)"
