"""A small trained model for tests: it predicts `passed` by age, hours, colour and origin."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from config.settings import SCRIPTS
from tabular import contract_frames
from tabular.artefact import Artefact
from tabular.columns import Column
from tabular.compiled.compiler import compile_model
from tabular.compiled.model import CompiledModel
from tabular.contract import Contract
from tabular.pipelines import build_pipeline

FEATURES = (
    Column("age", "integer", minimum=10, maximum=30),
    Column("hours", "number", nullable=True, missing=("?",)),
    Column("colour", "category", categories=("green", "red"), nullable=True),
    Column("origin", "category", categories=("no", "yes"), sensitive=True),
)
COLUMNS = {
    "id": {"type": "integer", "minimum": 1},
    "age": {"type": "integer", "minimum": 10, "maximum": 30},
    "hours": {"type": "number", "header": "Hours", "nullable": True},
    "colour": {"type": "category", "categories": ["green", "red", "blue"], "nullable": True},
    "origin": {"type": "category", "categories": ["no", "yes"], "sensitive": True},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}
"""The columns of a use case of the model. It has not seen `blue`."""
ROW = {"age": 15, "hours": 30.5, "colour": "red", "origin": "yes"}
"""A row that fits."""
ALGORITHMS = ("logistic_regression", "random_forest", "xgboost", "ridge")
REGRESSION = "ridge"
"""The algorithm that predicts a number."""


def contract(algorithm: str) -> Contract:
    """Return the contract of a model: a number for `ridge`, a class for the other algorithms."""
    if algorithm == REGRESSION:
        return Contract("small", "regression", "passed", (), "r2", FEATURES, 1)
    return Contract("small", "binary", "passed", ("no", "yes"), "roc_auc", FEATURES, 1)


def rows(terms: Contract, count: int, seed: int) -> pd.DataFrame:
    """(count, 5) synthetic rows: the features, and `passed`: hours plus age, or whether the hours are many."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": pd.array(random.integers(10, 31, count), dtype="Int64"),
            "hours": random.random(count) * 40,
            "colour": random.choice(np.array(["green", "red"], dtype=object), count),
            "origin": random.choice(np.array(["no", "yes"], dtype=object), count),
        }
    )
    many = np.where(frame["hours"] > 20, "yes", "no")
    return frame.assign(passed=many if terms.classes else frame["hours"] + frame["age"].astype(float))


@lru_cache
def small_model(algorithm: str = "logistic_regression") -> Artefact:
    """A model of 200 synthetic rows."""
    terms = contract(algorithm)
    frame = rows(terms, 200, seed=1)
    settings = {"n_estimators": 5} if algorithm in ("random_forest", "xgboost") else {}
    pipeline = build_pipeline(terms, algorithm, settings, threads=1)
    pipeline.fit(contract_frames.inputs(terms, frame), contract_frames.outputs(terms, frame))
    return Artefact(pipeline, terms, (0.5, 0.5))


@lru_cache
def served_model(algorithm: str = "logistic_regression") -> CompiledModel:
    """The small model as an endpoint serves it."""
    with TemporaryDirectory() as name:
        return saved_model(Path(name), algorithm)


def saved_model(folder: Path, algorithm: str = "logistic_regression") -> CompiledModel:
    """The small model, saved to a folder as a training job does, and loaded."""
    model = small_model(algorithm)
    model.save(folder, code=SCRIPTS)
    assert compile_model(model, [rows(model.contract, 50, seed=2)], folder) is None
    return CompiledModel.load(folder)
