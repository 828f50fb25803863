"""recommend: predict the target of each item that a user may get, by one request, and rank the items."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from config.errors import InvalidRows, MissingInput
from config.use_case import UseCase
from tasks.item_catalogue import Catalogue, catalogue_of, needed_columns, rules_of
from tasks.references import Deployment, ValidatedDataset
from tasks.rows import stored_rows
from tasks.sagemaker.invocations import invoke
from tasks.scoring import ACCEPT, Scored, score_rows
from tasks.windows.history import History, batch_of

JSON = "application/json"
Send = Callable[[bytes, str], bytes]
"""Sends a JSON body with an Accept header to the model, and returns the response's body."""


@dataclass(frozen=True)
class RecommendedItem:
    """One item with its prediction."""

    item: str
    prediction: float
    """The predicted target; of a binary target the probability of the second class."""
    low: float | None
    high: float | None
    """The prediction interval; None for a binary target, and where the use case has no `prediction_sets`."""
    by_popularity: int
    by_item_mean: int
    """The place, from 1, that the number of the item's rows, or its mean target, would give it."""


@dataclass(frozen=True)
class Recommendations:
    """The items for one user, the best prediction first."""

    use_case: str
    user: str
    endpoint_name: str
    model_package_arn: str
    dataset: str
    """The digest of the dataset version that has the user and the items."""
    items: tuple[RecommendedItem, ...]
    coverage: float | None
    """The share of true values that the intervals are made to have."""
    ranked: int
    """The number of items that were ranked."""
    refused: Mapping[str, list[str]] = field(default_factory=dict)
    """The reasons of the items that the model gives no prediction for."""


def recommend(
    use_case: UseCase,
    deployment: Deployment,
    validated: ValidatedDataset,
    user: str,
    top: int | None = None,
    send: Send | None = None,
) -> Recommendations:
    """Rank the items that `user` may get, and return the first `top`, by default the number of the use case.

    `send` sends the request; by default to the endpoint. Raises ConfigError for a use case without `recommendation`,
    MissingInput when the user has no row or no item is left, and InvalidRows when every item is refused.
    """
    with stored_rows.opened(validated.uri) as file:
        found = catalogue_of(use_case, file.read(columns=needed_columns(use_case)), user)
    version = f"dataset version {validated.dataset.digest}"
    rows = with_windows(use_case, found.rows(free_items(use_case, found, user, version)), validated.uri)
    accept = f"{ACCEPT}; intervals=true" if _coverage(use_case) else ACCEPT
    to_model = send or (lambda body, accept: invoke(deployment.endpoint_name, body, JSON, accept))
    scored = score_rows(
        rows[list(use_case.request_columns)], lambda body: to_model(body, accept), use_case.split_columns
    )
    ranked = ranking(use_case, found, scored)
    names = _names(found)
    return Recommendations(
        use_case=use_case.name,
        user=user,
        endpoint_name=deployment.endpoint_name,
        model_package_arn=deployment.model_package_arn,
        dataset=validated.dataset.digest,
        items=tuple(ranked[: top or rules_of(use_case).top]),
        coverage=_coverage(use_case),
        ranked=len(ranked),
        refused={names[row]: why for row, why in scored.refused.items()},
    )


def with_windows(use_case: UseCase, rows: pd.DataFrame, uri: str, now: datetime | None = None) -> pd.DataFrame:
    """Return the rows with the windows of `now`, in UTC, of the validated rows at `uri`."""
    if not (windows := use_case.requested_windows):
        return rows
    history, at = History.read(use_case, windows, uri), np.datetime64((now or datetime.now(UTC)).replace(tzinfo=None))
    times = np.full(len(rows), at.astype("datetime64[us]").astype(np.int64))
    found = {name: history.values(name, batch_of(rows, window.key), times) for name, window in windows.items()}
    return rows.assign(**{name: values.to_pandas().set_axis(rows.index) for name, values in found.items()})


def free_items(use_case: UseCase, found: Catalogue, user: str, version: str) -> np.ndarray:
    """Return the mask of the items that the user may get. Raises MissingInput for an unknown user, or for no item."""
    rules = rules_of(use_case)
    if found.user.empty:
        raise MissingInput(f"{use_case.name}: expected rows of the {rules.user} {user!r} in {version}, found none")
    free = np.ones(len(found.items), bool) if rules.available == "all" else ~found.taken
    if not free.any():
        raise MissingInput(
            f"{use_case.name}: expected an item of {rules.item} without a row of the {rules.user} {user!r}, found rows "
            f"with all {len(free):,} of {version}. To recommend them again, set `available: all` in the use case"
        )
    return free


def ranking(use_case: UseCase, found: Catalogue, scored: Scored) -> list[RecommendedItem]:
    """Return the items with a prediction, the best first; equal predictions by name.

    Raises InvalidRows when there is none.
    """
    names, sign = _names(found), -1 if rules_of(use_case).best == "highest" else 1
    if not scored.answers:
        row, why = next(iter(scored.refused.items()))
        raise InvalidRows(f"endpoint: expected predictions of items, found all refused; {names[row]}: {why[0]}")
    values = {row: _value(use_case, answer) for row, answer in scored.answers.items()}
    rows = sorted(values, key=lambda row: (sign * values[row], names[row]))
    popularity, means = _places(rows, -found.counts), _places(rows, sign * found.means)
    bounds = {row: answer.get("interval", {}) for row, answer in scored.answers.items()}
    return [
        RecommendedItem(
            names[row], values[row], bounds[row].get("low"), bounds[row].get("high"), popularity[row], means[row]
        )
        for row in rows
    ]


def _names(found: Catalogue) -> list[str]:
    return [str(name) for name in found.items.iloc[:, 0]]


def _places(rows: list[int], values: np.ndarray) -> dict[int, int]:
    """Return the place of each row, from 1, by its ascending value. Equal values have the same place."""
    return {row: 1 + int((values[rows] < values[row]).sum()) for row in rows}


def _value(use_case: UseCase, answer: Mapping[str, Any]) -> float:
    classes = use_case.target.classes
    return float(answer["probabilities"][classes[-1]] if classes else answer["prediction"])


def _coverage(use_case: UseCase) -> float | None:
    """Return the coverage of the intervals; None for a binary target, and without `prediction_sets`."""
    sets = use_case.evaluation.prediction_sets
    return sets.coverage if sets and use_case.target.task == "regression" else None
