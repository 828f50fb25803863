"""A small trained model for tests: whether somebody passes, by age, hours, colour and origin."""

from functools import lru_cache

import numpy as np
import pandas as pd

from tabular.artefact import Artefact
from tabular.columns import Column
from tabular.contract import Contract
from tabular.pipelines import build_pipeline

FEATURES = (
    Column("age", "integer", minimum=10, maximum=30),
    Column("hours", "number", nullable=True, missing=("?",)),
    Column("colour", "category", categories=("green", "red"), nullable=True),
    Column("origin", "category", categories=("no", "yes"), sensitive=True),
)
ROW = {"age": 15, "hours": 30.5, "colour": "red", "origin": "yes"}
"""A row that fits."""
ALGORITHMS = ("logistic_regression", "random_forest", "xgboost", "ridge")


@lru_cache
def small_model(algorithm: str = "logistic_regression") -> Artefact:
    """A model of 200 made-up rows; `ridge` predicts the hours plus the age, the others a class."""
    regression = algorithm == "ridge"
    task, classes = ("regression", ()) if regression else ("binary", ("no", "yes"))
    contract = Contract("small", task, "passed", classes, "r2" if regression else "roc_auc", FEATURES, 1)
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "age": pd.array(random.integers(10, 31, 200), dtype="Int64"),
            "hours": random.random(200) * 40,
            "colour": random.choice(np.array(["green", "red"], dtype=object), 200),
            "origin": random.choice(np.array(["no", "yes"], dtype=object), 200),
        }
    )
    truth = frame["hours"] + frame["age"].astype(float) if regression else (frame["hours"] > 20).astype(int)
    settings = {"n_estimators": 5} if algorithm in ("random_forest", "xgboost") else {}
    pipeline = build_pipeline(contract, algorithm, settings, threads=1)
    pipeline.fit(contract.inputs(frame), truth.to_numpy())
    return Artefact(pipeline, contract, (0.5, 0.5))
