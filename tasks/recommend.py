"""recommend: predict the target of each item that a user may get, by one request, and rank the items."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from config.errors import ConfigError, InvalidRows, MissingInput
from config.recommendation import Recommendation, time_column
from config.use_case import UseCase
from tasks.deciding_rows import target_numbers
from tasks.progress import log
from tasks.references import Deployment, ValidatedDataset
from tasks.rows import stored_rows
from tasks.sagemaker.invocations import invoke
from tasks.scoring import ACCEPT, score_rows

JSON = "application/json"


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
    """The item's place, from 1, if the items were ordered by their rows, or by their mean target."""


@dataclass(frozen=True)
class Recommendations:
    """The items for one user, the best prediction first."""

    use_case: str
    user: str
    endpoint_name: str
    model_package_arn: str
    dataset: str
    """The digest of the dataset version with the user's and the items' features."""
    taken: int
    """The items of the dataset that the user has a row with."""
    coverage: float | None
    """The share of true values that the intervals are made to have."""
    items: tuple[RecommendedItem, ...]
    refused: Mapping[str, list[str]] = field(default_factory=dict)
    """The reasons of the items that the model does not answer for."""


@dataclass(frozen=True)
class Catalogue:
    """What the rows of a dataset tell about m items, and about one user."""

    items: pd.DataFrame
    """(m, 1 + features) the items with their features, of their latest rows."""
    counts: np.ndarray
    means: np.ndarray
    """(m,) rows with a target and their mean target, 0 and NaN without any."""
    user: pd.DataFrame
    """(n, columns) the rows of the user, the latest last."""


def recommend(
    use_case: UseCase, deployment: Deployment, validated: ValidatedDataset, user: str, top: int | None = None
) -> Recommendations:
    """Rank the items that `user` may get, and return the first `top` of them, by default the use case's number.

    The features of the items are those of their latest rows, all others those of the user's latest row. Raises
    ConfigError for a use case without `recommendation`, MissingInput when the user has no row, or no item is left, and
    InvalidRows when the endpoint refuses every item.
    """
    rules = rules_of(use_case)
    with stored_rows.opened(validated.uri) as file:
        found = catalogue(use_case, file.read(columns=_columns(use_case, rules)), user)
    version = f"dataset version {validated.dataset.digest}"
    if not len(found.user):
        raise MissingInput(f"{use_case.name}: expected rows of the {rules.user} {user!r} in {version}, found none")
    taken = found.items[rules.item].isin(found.user[rules.item]).to_numpy()
    free = np.ones(len(taken), bool) if rules.available == "all" else ~taken
    if not free.any():
        raise MissingInput(
            f"{use_case.name}: expected a {rules.item} that the {rules.user} {user!r} has not had, found none among "
            f"{len(taken):,} of {version}"
        )
    rows = _rows(use_case, rules, found, free)
    accept = f"{ACCEPT}; intervals=true" if _has_intervals(use_case) else ACCEPT
    scored = score_rows(rows, lambda body: invoke(deployment.endpoint_name, body, JSON, accept), use_case.columns)
    names = {row: str(found.items[rules.item].iloc[row]) for row in rows.index}
    refused = {names[row]: why for row, why in scored.refused.items()}
    if not scored.answers:
        name, why = next(iter(refused.items()))
        raise InvalidRows(f"endpoint {deployment.endpoint_name}: it refuses all {len(rows):,} items; {name}: {why[0]}")
    ranked = _ranked(use_case, rules, found, names, scored.answers)
    log.info("recommend %s of %s items ranked", f"{len(ranked):,}", f"{len(found.items):,}")
    return Recommendations(
        use_case=use_case.name,
        user=user,
        endpoint_name=deployment.endpoint_name,
        model_package_arn=deployment.model_package_arn,
        dataset=validated.dataset.digest,
        taken=int(taken.sum()),
        coverage=_coverage(use_case),
        items=tuple(ranked[: top or rules.top]),
        refused=refused,
    )


def rules_of(use_case: UseCase) -> Recommendation:
    """Return the use case's `recommendation`. Raises ConfigError without it."""
    if use_case.recommendation is None:
        raise ConfigError(
            f"{use_case.name}: recommendation: expected the columns of users and items, such as "
            "`recommendation: {user: student, item: course}`; found none"
        )
    return use_case.recommendation


def catalogue(use_case: UseCase, table: pa.Table, user: str) -> Catalogue:
    """Return the items of the table's rows, and the rows of the user whose value as text is `user`."""
    rules, order = rules_of(use_case), time_column(use_case)
    targets = np.concatenate([target_numbers(use_case, batch) for batch in table.to_batches()]).astype("float64")
    targets[targets < 0 if use_case.target.classes else np.isnan(targets)] = np.nan
    if order:
        places = pc.array_sort_indices(table[order].combine_chunks())
        table, targets = table.take(places), targets[places.to_numpy()]
    is_user = pc.equal(table[rules.user].cast(pa.string()), user)
    frame = table.select([rules.item, *rules.item_features]).to_pandas()
    items = frame.drop_duplicates(rules.item, keep="last").sort_values(rules.item, ignore_index=True)
    found = pd.Series(targets).groupby(frame[rules.item].to_numpy()).agg(["count", "mean"]).loc[items[rules.item]]
    return Catalogue(items, found["count"].to_numpy(), found["mean"].to_numpy(), table.filter(is_user).to_pandas())


def _columns(use_case: UseCase, rules: Recommendation) -> list[str]:
    order = time_column(use_case)
    needed = {rules.user, rules.item, *rules.item_features, *use_case.request_columns, *use_case.target_sources, order}
    return [name for name in use_case.columns if name in needed]


def _rows(use_case: UseCase, rules: Recommendation, found: Catalogue, free: np.ndarray) -> pd.DataFrame:
    """Return the request's rows, indexed by the item's place: the item's columns, and the user's latest others."""
    items, columns = found.items[free], {}
    for name in use_case.request_columns:
        latest = found.user[name].iloc[[-1] * len(items)]
        columns[name] = items[name] if name in items else latest.set_axis(items.index)
    return pd.DataFrame(columns, index=items.index)


def _has_intervals(use_case: UseCase) -> bool:
    return use_case.target.task == "regression" and use_case.evaluation.prediction_sets is not None


def _coverage(use_case: UseCase) -> float | None:
    sets = use_case.evaluation.prediction_sets
    return sets.coverage if sets and _has_intervals(use_case) else None


def _ranked(
    use_case: UseCase,
    rules: Recommendation,
    found: Catalogue,
    names: Mapping[int, str],
    answers: Mapping[int, Mapping[str, Any]],
) -> list[RecommendedItem]:
    """Return the answered items, the best first. Equal predictions are ordered by name."""
    sign = -1 if rules.best == "highest" else 1
    rows = sorted(answers, key=lambda row: (sign * _value(use_case, answers[row]), names[row]))
    by_popularity = _places(rows, -found.counts)
    by_mean = _places(rows, sign * np.where(np.isnan(found.means), np.nanmean(found.means), found.means))
    bounds = {row: answers[row].get("interval") or {} for row in rows}
    return [
        RecommendedItem(
            item=names[row],
            prediction=_value(use_case, answers[row]),
            low=bounds[row].get("low"),
            high=bounds[row].get("high"),
            by_popularity=by_popularity[row],
            by_item_mean=by_mean[row],
        )
        for row in rows
    ]


def _places(rows: list[int], values: np.ndarray) -> dict[int, int]:
    """Return the place of each row, from 1, in the ascending order of its value. Equal values have the same place."""
    return {row: 1 + int((values[rows] < values[row]).sum()) for row in rows}


def _value(use_case: UseCase, answer: Mapping[str, Any]) -> float:
    classes = use_case.target.classes
    return float(answer["probabilities"][classes[-1]] if classes else answer["prediction"])
