"""The recommendations for the users of the held-out rows, against those by popularity and by past means.

The held-out items of each user are ordered by the model's predictions. The baselines are learned from the earlier rows:
`popularity` orders items by their number of rows, `item_mean` by the mean of their targets, which is the mean of all
targets for a new item. `user_mean`, the mean of the user's own targets, is the same for each item: all items tie, so
it has the figures of a choice at random.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabular.evidence.judged import JudgedRows
from tabular.evidence.resamples import LEFT_OUT, count_for, resamples
from tabular.evidence.statistic import Statistic
from tabular.evidence.top_items import UserItems, hits, regrets

MODEL, CHAMPION = "model", "champion"
BASELINES = ("popularity", "item_mean", "user_mean")
LEAST_ITEMS = 2
"""A user with fewer held-out items has nothing to be ordered."""
RESAMPLES, LEVEL = 1000, 0.95


def evidence(judged: JudgedRows) -> dict[str, Any] | None:
    """Return hit rate and regret of the model, the champion and each baseline; None without `recommendation`.

    The hit rate is the share of users whose best held-out item is among the first `top`. It is of users with more items
    than that, for whom it can be missed. The regret is of users with two items or more. The others are counted. A
    figure has a bootstrap interval over users. `differences` has by how much the model is better than each other, on
    the same users and resamples: positive is better. A figure without a user is null.
    """
    rules = judged.settings.get("recommendation")
    if not rules or len(judged.contract.classes) > LEAST_ITEMS:
        return None
    wanted = judged.rules.get("intervals") or {}
    held_out, scores = HeldOut.of(judged, rules), _scores(judged, rules)
    figures = {
        "hit_rate": held_out.values_of(scores, rules["top"] + 1, lambda rows, found: hits(rows, found, rules["top"])),
        "regret": held_out.values_of(scores, LEAST_ITEMS, regrets),
    }
    level, count = wanted.get("level", LEVEL), wanted.get("resamples", RESAMPLES)
    statistics = {name: _statistics(values, count) for name, values in figures.items()}
    counts = held_out.rows.counts
    return {
        **{key: rules[key] for key in ("user", "item", "top", "best")},
        "level": level,
        "users": {
            "all": len(counts),
            "hit_rate": int((counts > rules["top"]).sum()),
            "regret": int((counts >= LEAST_ITEMS).sum()),
        },
        "rankings": {
            name: {figure: _estimate(found.get(name), level) for figure, found in statistics.items()} for name in scores
        },
        "differences": {
            name: {figure: _better(found, name, figure, level) for figure, found in statistics.items()}
            for name in scores
            if name != MODEL
        },
    }


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The held-out rows, sorted by user."""

    rows: UserItems
    order: np.ndarray
    """(n,) places of the rows among the held-out ones."""

    @classmethod
    def of(cls, judged: JudgedRows, rules: Mapping[str, Any]) -> "HeldOut":
        """Return the n rows with their true values, negated if the lowest is the best."""
        users = _numbers(judged.columns[rules["user"]])
        order = np.argsort(users, kind="stable")
        starts = np.flatnonzero(np.diff(users[order], prepend=-1))
        return cls(UserItems(_sign(rules) * judged.truth[order].astype("float64"), starts), order)

    def values_of(self, scores: Mapping[str, np.ndarray], least: int, figure: Any) -> dict[str, np.ndarray]:
        """Return by ranking the (u,) figures of the users with `least` items or more."""
        enough = self.rows.counts >= least
        if not enough.any():
            return {}
        kept = enough[self.rows.users]
        counts = self.rows.counts[enough]
        part = UserItems(self.rows.values[kept], np.cumsum(counts) - counts)
        return {name: figure(part, found[self.order][kept]) for name, found in scores.items()}


def _sign(rules: Mapping[str, Any]) -> int:
    return 1 if rules["best"] == "highest" else -1


def _scores(judged: JudgedRows, rules: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the (n,) scores of the held-out rows by ranking. The highest is recommended first."""
    sign, models = _sign(rules), {MODEL: judged, **({CHAMPION: judged.champion} if judged.champion else {})}
    predicted = {
        name: sign * (each.output[:, 1] if each.output.ndim > 1 else each.output) for name, each in models.items()
    }
    counts, means = _learned(judged, rules)
    return {**predicted, "popularity": counts, "item_mean": sign * means, "user_mean": np.zeros(len(judged.truth))}


def _learned(judged: JudgedRows, rules: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n,) numbers of earlier rows of the held-out rows' items, and their mean targets."""
    items, target = judged.columns[rules["item"]], judged.history.get(judged.contract.target)
    if target is None:
        raise ValueError("recommendation: expected the rows before the held-out ones (--history); found none")
    known = pc.unique(judged.history[rules["item"]])
    places = pc.fill_null(pc.index_in(items, known.cast(items.type)), len(known)).to_numpy(zero_copy_only=False)
    of_item = pc.index_in(judged.history[rules["item"]], known).to_numpy(zero_copy_only=False)
    values = _values(target, judged.contract.classes)
    counts = np.append(np.bincount(of_item, minlength=len(known)), 0)
    sums = np.append(np.bincount(of_item, values, len(known)), 0.0)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), values.mean())
    return counts[places].astype("float64"), means[places]


def _values(target: pa.Array, classes: tuple[str, ...]) -> np.ndarray:
    """Return the (n,) targets as floats; of classes their numbers."""
    found = pc.index_in(target.cast(pa.string()), pa.array(classes, pa.string())) if classes else target
    return np.asarray(found.cast(pa.float64()).to_numpy(zero_copy_only=False))


def _numbers(users: pa.Array) -> np.ndarray:
    return np.asarray(users.dictionary_encode().indices.to_numpy(zero_copy_only=False))


def _statistics(values: Mapping[str, np.ndarray], count: int) -> dict[str, Statistic]:
    """Return the mean over users of each ranking, with its means on the same resamples of users."""
    if not values:
        return {}
    stacked = np.stack(list(values.values()))
    users = stacked.shape[1]
    parts = [weights @ stacked.T for weights in resamples(np.zeros(users), 0, count_for(users, count))]
    resampled = np.concatenate(parts) / users
    without = (stacked.sum(axis=1, keepdims=True) - stacked) / (users - 1) if 1 < users <= LEFT_OUT else None
    return {
        name: Statistic(float(stacked[row].mean()), resampled[:, row], None if without is None else without[row])
        for row, name in enumerate(values)
    }


def _estimate(found: Statistic | None, level: float) -> dict[str, float] | None:
    interval = found.interval(level) if found else None
    return {"value": found.value, "low": interval[0], "high": interval[1]} if found and interval else None


def _better(found: Mapping[str, Statistic], other: str, figure: str, level: float) -> dict[str, float] | None:
    if not found:
        return None
    return _estimate(found[MODEL].better_than(found[other], -1 if figure == "regret" else 1), level)
