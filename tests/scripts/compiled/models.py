"""Models with every kind of step, and rows for them: plain ones, and others as clients send them."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from tabular import contract_frames
from tabular.artefact import Artefact
from tabular.checked import CheckedColumns, check_columns
from tabular.checks import check
from tabular.columns import Column
from tabular.compiled.compiler import compile_model
from tabular.compiled.model import CompiledModel
from tabular.contract import FILE, Contract
from tabular.derived import Derived
from tabular.engineered.choice import ALL, Choice
from tabular.engineered_features import Engineered
from tabular.pipelines import build_pipeline

FEATURES = (
    Column("age", "integer", minimum=10, maximum=30),
    Column("points", "integer", nullable=True, missing=("-9",)),
    Column("hours", "number", minimum=0, maximum=40.5, nullable=True, missing=("?",)),
    Column("amount", "number"),
    Column("colour", "category", categories=("green", "red", "rare"), nullable=True),
    Column("town", "category", nullable=True),
    Column("flag", "category", categories=("0", "1")),
    Column("level", "category", categories=("low", "mid", "high"), nullable=True, ordered=True),
    Column("spare", "category", nullable=True),
    Column("day", "date", minimum=datetime(1960, 1, 1), maximum=datetime(2030, 12, 31), nullable=True),
    Column("at", "datetime"),
    Column("note", "text", max_length=60, nullable=True),
    Column("school", "category", nullable=True),
)
ESSAY = Column("essay", "text", nullable=True)
DERIVED = (
    Derived(name="pace", expression="hours / (age - 10)", type="number"),
    Derived(name="logged", expression="round(log(abs(amount) + 1), 2) ** 2 - min(age, 20) % 7", type="number"),
    Derived(name="late", expression='points is null or (hours > 20 and colour == "red")', type="category"),
    Derived(name="fine", expression='level >= "mid" and not (town in ["Ulm", "Bonn"]) or flag == "1"', type="category"),
    Derived(
        name="season",
        expression="month(day) * 100 + day_of_week(day) * 10 + (year(day) - 1900) / day(day) + hour(at)",
        type="number",
    ),
    Derived(
        name="waited",
        expression='ratio(days_between(day, at), points) + clip(days_between(at, "2026-06-30"), -1000, 1000)',
        type="number",
    ),
    Derived(name="told", expression="log1p(length(note)) - sqrt(hours) + ratio(1, points, 2)", type="number"),
    Derived(name="recent", expression='day >= "2010-01-01"', type="category"),
)
ENGINEERED = (
    Engineered(name="points_bin", kind="bins", of=("points",), count=4, by="quantile"),
    Engineered(name="hours_bin", kind="bins", of=("hours",), edges=(0.0, 0.5, 10.0, 39.99)),
    Engineered(name="pace_bin", kind="bins", of=("pace",), count=3, by="width"),
    Engineered(name="colour_recent", kind="interaction", of=("colour", "recent", "flag")),
    Engineered(name="school_count", kind="count", of=("school",)),
    Engineered(name="school_mean", kind="target_encoding", of=("school",), smoothing="auto"),
    Engineered(name="town_level_mean", kind="target_encoding", of=("town", "level"), smoothing=20.0),
)
INDIRECT = ("school", "recent")
_DIRECT = (*(column.name for column in FEATURES[:-5]), "pace", "logged", "late", "fine", "season", "waited", "told")
USED = (*_DIRECT, *INDIRECT)
TOWNS = ("Ulm", "Bonn", "Köln", "Jena", "1", "true")
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -9, 5.0, 5.5, 1e300, -1e300, float("nan"), float("inf"), 2**53, 2**53 + 1, 2**63, 10**400,
    "", " ", "5", "5.0", "-9", "?", "NA", "red", "Red", " red ", "1", "0", "true", "Yes", "mid", "(missing)", "Ulm ",
    "x" * 200, "\ud800", [], {}, [1], "1e3", "2019-02-29", "2020-02-29", "2020-01-01T00:00:00", " 2020-01-01",
    "2026-W05-1", "20260101", "2020-01-01T12:00+01", "0001-01-01", "9999-12-31 23:59:59",
)  # fmt: skip
"""Cells that are missing, of another type, at a limit, or nested."""
ALGORITHMS = {
    "logistic_regression": "multiclass",
    "random_forest": "binary",
    "ridge": "regression",
    "xgboost": "multiclass",
    "xgboost binary": "binary",
    "xgboost number": "regression",
    "random_forest number": "regression",
    "elastic_net": "regression",
    "neural_network": "multiclass",
    "neural_network binary": "binary",
    "neural_network number": "regression",
    "stack": "multiclass",
    "stack binary": "binary",
    "stack number": "regression",
    "logistic_regression selected": "multiclass",
    "xgboost selected": "binary",
    "ridge reduced": "regression",
    "xgboost number reduced": "regression",
    "random_forest reduced": "binary",
}
"""The task of each model by its name, which begins with the algorithm."""
NETWORK = {"hidden_layer_sizes": [9, 5], "max_iter": 15, "early_stopping": True}
SETTINGS: dict[str, dict[str, Any]] = {
    "random_forest": {"n_estimators": 20},
    "xgboost": {"n_estimators": 20},
    "neural_network": NETWORK,
    "stack": {
        "cv": 2,
        "passthrough": True,
        "of": {
            "xgboost": {"algorithm": "xgboost", "hyperparameters": {"n_estimators": 5}},
            "forest": {"algorithm": "random_forest", "hyperparameters": {"n_estimators": 5}},
            "network": {"algorithm": "neural_network", "hyperparameters": NETWORK},
        },
    },
}
"""The hyperparameters of algorithms."""
CHOICES = {
    "selected": Choice({"variance": 0.01, "mutual_information": 30, "permutation": {"above": -1.0, "repeats": 1}}),
    "reduced": Choice({"variance": 0.001}, {"components": 8}),
}
"""The selection and the reduction of a model by the last word of its name."""
CLASSES = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c"), "regression": ()}


@dataclass(frozen=True)
class Compiled:
    """A model in both forms, and its folder."""

    folder: Path
    plain: Artefact
    model: CompiledModel


def contract(task: str, texts: bool = False) -> Contract:
    """Return a contract with every kind of feature; with free texts if `texts`."""
    features, used = ((*FEATURES, ESSAY), (*USED, "essay")) if texts else (FEATURES, USED)
    return Contract("rich", task, "outcome", CLASSES[task], "r2", features, 1, DERIVED, used, ENGINEERED, INDIRECT)


def json_rows(count: int, seed: int, odd: float = 0.0) -> list[dict[str, Any]]:
    """Return rows of plain cells; with the probability `odd`, a cell is one of ODD or is absent."""
    source = random.Random(seed)  # noqa: S311
    rows = [_plain_row(source) for _ in range(count)]
    for row in rows if odd else ():
        for name in list(row):
            if source.random() < odd:
                row[name] = source.choice(ODD)
                if source.random() < 0.05:
                    del row[name]
    return rows


def _plain_row(source: random.Random) -> dict[str, Any]:
    return {
        "age": source.randint(10, 30),
        "points": source.choice((None, source.randint(0, 99))),
        "hours": None if source.random() < 0.2 else round(source.uniform(0, 40), source.randint(0, 3)),
        "amount": source.choice((source.randint(-99, 99), source.gauss(0, 1000))),
        "colour": "rare" if source.random() < 0.01 else source.choice(("green", "red", None)),
        "town": source.choice(TOWNS),
        "flag": source.choice(("0", "1", 0, 1)),
        "level": source.choice(("low", "mid", "high", None)),
        "spare": source.choice((None, "anything", f"s{source.randint(0, 10**6)}")),
        "day": None
        if source.random() < 0.1
        else f"{source.randint(1960, 2030)}-{source.randint(1, 12):02}-{source.randint(1, 28):02}",
        "at": f"{source.randint(1, 9999):04}-07-31{source.choice(' T')}{source.randint(0, 23):02}:05:59",
        "note": source.choice((None, "x" * source.randint(1, 60), "a b", "naïve")),
        "school": source.choice((None, f"school {source.randint(0, 40)}")),
        "essay": source.choice((None, "a short text", f"text {source.randint(0, 9)} and words, words and words", "")),
    }


def checked(rows: list[dict[str, Any]], terms: Contract) -> CheckedColumns:
    """Check rows with the contract, as a request is checked. A row without a cell has a null."""
    cells = {}
    for column in terms.features:
        cells[column.name] = np.empty(len(rows), dtype=object)
        cells[column.name][:] = [row.get(column.name) for row in rows]
    return check_columns(cells, terms.features, len(rows))


def frame(rows: list[dict[str, Any]], terms: Contract) -> pd.DataFrame:
    """Return plain rows as typed rows with a target."""
    typed = check(pd.DataFrame(rows, dtype=object), terms.features).frame
    random_state = np.random.default_rng(len(rows))
    score = typed["age"].astype(float) / 10 + (typed["colour"] == "red") + random_state.normal(size=len(rows))
    if terms.task == "regression":
        return typed.assign(outcome=score)
    return typed.assign(outcome=pd.cut(score, len(terms.classes), labels=list(terms.classes)).astype(str))


@lru_cache
def trained(name: str, texts: bool = False) -> Artefact:
    """Return a model of ALGORITHMS, trained on 600 rows."""
    terms = contract(ALGORITHMS[name], texts)
    rows = frame(json_rows(600, seed=1), terms)
    algorithm = name.split()[0]
    pipeline = build_pipeline(
        terms, algorithm, SETTINGS.get(algorithm, {}), threads=1, choice=CHOICES.get(name.split()[-1], ALL)
    )
    pipeline.fit(contract_frames.inputs(terms, rows), contract_frames.outputs(terms, rows))
    return Artefact(pipeline, terms, (0.0,))


def stored(name: str, folder: Path, texts: bool = False) -> Compiled:
    """Compile a model in `folder`, and load it. The folder has neither the pipeline nor the code."""
    plain = trained(name, texts)
    (folder / FILE).write_text(plain.contract.json(), encoding="utf-8")
    reason = compile_model(plain, [frame(json_rows(600, seed=1), plain.contract)], folder)
    if reason:
        raise AssertionError(reason)
    return Compiled(folder, plain, CompiledModel.load(folder))


@contextmanager
def compiled(name: str) -> Iterator[Compiled]:
    """Compile a model in a folder of its own."""
    with TemporaryDirectory() as folder:
        yield stored(name, Path(folder))
