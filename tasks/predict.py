"""predict: rows go to the endpoint by the real runtime API, and what it says of them to S3."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
from prefect import task

from config.errors import InvalidRows, SourceError
from config.use_case import UseCase
from tabular.columns import typed
from tabular.metrics import score
from tasks import locations, names, sources, storage
from tasks.contracts import STORED, columns
from tasks.progress import log
from tasks.references import DataSplit, Deployment, Predictions
from tasks.sagemaker.endpoints import invoke

BATCH_ROWS = 500
"""Rows in one request: far below the 6 MB that InvokeEndpoint takes."""
SAMPLE = 3
JSON = "application/json"
PREDICTION = "prediction"
PROBABILITY = "probability_"


@task
def predict_held_out(use_case: UseCase, deployment: Deployment, split: DataSplit) -> Predictions:
    """Score the rows that no model has seen, and how well. Raises InvalidRows when the endpoint refuses them."""
    rows = storage.get_parquet(f"{split.test_uri}/data.parquet")
    predictions = _score(use_case, deployment, rows)
    answers = storage.get_parquet(predictions.uri)
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


@task
def predict_file(use_case: UseCase, deployment: Deployment, location: str) -> Predictions:
    """Score the rows at `location`: a path, `s3://` or `https://`; the target may be missing.

    Raises SourceError when a feature is missing, and InvalidRows when the endpoint refuses a row.
    """
    return _score(use_case, deployment, read_features(use_case, location))


def read_features(use_case: UseCase, location: str) -> pd.DataFrame:
    """Read the key and the features of the n rows at `location`, as they are, under the schema's names."""
    raw = sources.read_table(location, use_case.source.format(())).frame
    headers = {name: use_case.columns[name].header or name for name in (*use_case.key, *use_case.features)}
    missing = [headers[name] for name in use_case.features if headers[name] not in raw]
    if missing:
        raise SourceError(f"{location}: lacks {len(missing)} feature(s): expected {', '.join(map(repr, missing))}")
    return pd.DataFrame({name: raw[header] for name, header in headers.items() if header in raw})


def _score(use_case: UseCase, deployment: Deployment, frame: pd.DataFrame) -> Predictions:
    features = frame[list(use_case.features)]
    answers = [answer for batch in _batches(features) for answer in _invoke(deployment.endpoint_name, batch)]
    known = columns(use_case)
    kept = [name for name in (*use_case.key, *use_case.features) if name in frame]
    scored = pd.DataFrame({name: typed(frame[name], known[name])[0].astype(STORED[known[name].type]) for name in kept})
    scored[PREDICTION] = [answer["prediction"] for answer in answers]
    for name in use_case.target.classes or ():
        scored[f"{PROBABILITY}{name}"] = [answer["probabilities"][name] for answer in answers]
    uri = f"{locations.predictions(use_case.name, names.stamp())}/predictions.parquet"
    storage.put(uri, storage.parquet(scored))
    sample = tuple({"row": str(row), **_readable(answer)} for row, answer in enumerate(answers[:SAMPLE]))
    log.info("predict   %s rows scored; row 0: %s", f"{len(scored):,}", sample[0]["answer"] if sample else "none")
    return Predictions(
        use_case=use_case.name,
        endpoint_name=deployment.endpoint_name,
        uri=uri,
        rows=len(scored),
        sample=sample,
    )


def _batches(features: pd.DataFrame) -> Iterator[tuple[int, pd.DataFrame]]:
    for first in range(0, len(features), BATCH_ROWS):
        yield first, features.iloc[first : first + BATCH_ROWS]


def _invoke(endpoint: str, batch: tuple[int, pd.DataFrame]) -> list[dict[str, Any]]:
    first, rows = batch
    body = json.dumps({"instances": json.loads(rows.to_json(orient="records"))}).encode()
    try:
        answer = json.loads(invoke(endpoint, body, JSON, JSON))
    except InvalidRows as refusal:
        raise InvalidRows(_explain(endpoint, first, str(refusal))) from refusal
    return list(answer["predictions"])


def _explain(endpoint: str, first: int, message: str) -> str:
    try:
        refusal = json.loads(message.split("\n", 1)[0])  # the image adds a traceback
        problems = [
            f"  row {first + p['row']}: {p['column']}: expected {p['expected']}, found {p['found']}"
            for p in refusal["problems"]
        ]
        return "\n".join([f"endpoint {endpoint}: {refusal['error']}", *problems])
    except (ValueError, KeyError, TypeError):
        return f"endpoint {endpoint}: {message}"


def _readable(answer: dict[str, Any]) -> dict[str, str]:
    if "probabilities" not in answer:
        return {"answer": f"{answer['prediction']:.2f}"}
    sure = answer["probabilities"][answer["prediction"]]
    return {"answer": f"{answer['prediction']} ({sure:.0%} sure)"}
