"""The model of the serving benchmark: 300 trees, 35 features of mixed types, some with missing values."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tabular.columns import Column
from tabular.contract import Contract

SCRIPTS = Path(__file__).parents[2] / "sagemaker_scripts"
INTEGERS, NUMBERS, CATEGORIES, ORDERED = 12, 13, 8, 2
MISSING = 0.1
"""The share of missing values in every third column."""
PARTS = (("train", 10_000, 1), ("validation", 1_000, 2))
"""The name, the number of rows and the seed of each part."""
TREES, DEPTH, SEED = 300, 6, 12
HYPERPARAMETERS = {"n_estimators": TREES, "max_depth": DEPTH, "learning_rate": 0.1}


def contract() -> Contract:
    """The model's contract."""
    columns = [
        Column(f"integer_{place}", "integer", minimum=0, nullable=_has_missing(place)) for place in range(INTEGERS)
    ]
    columns += [Column(f"number_{place}", "number", nullable=_has_missing(place)) for place in range(NUMBERS)]
    columns += [
        Column(f"category_{place}", "category", categories=_words(place), nullable=_has_missing(place))
        for place in range(CATEGORIES)
    ]
    columns += [
        Column(f"level_{place}", "category", categories=("low", "middle", "high"), ordered=True, nullable=True)
        for place in range(ORDERED)
    ]
    return Contract("benchmark", "binary", "passed", ("no", "yes"), "roc_auc", tuple(columns), SEED)


def rows(count: int, seed: int) -> pa.Table:
    """(count, 35) generated rows."""
    chance, columns = np.random.default_rng(seed), dict[str, pa.Array]()
    for place in range(INTEGERS):
        columns[f"integer_{place}"] = _some(chance, place, chance.integers(0, 10 ** (1 + place % 4), count))
    for place in range(NUMBERS):
        columns[f"number_{place}"] = _some(chance, place, chance.gamma(2.0, 10.0 ** (place % 3), count).round(2))
    for place in range(CATEGORIES):
        columns[f"category_{place}"] = _some(chance, place, chance.choice(np.array(_words(place)), count))
    for place in range(ORDERED):
        columns[f"level_{place}"] = _some(chance, 0, chance.choice(np.array(["low", "middle", "high"]), count))
    return pa.table(columns)


def numbers(table: pa.Table) -> np.ndarray:
    """(n, 35) float32 of the rows: categories as their numbers, NaN for missing values; for the peers' model."""
    found = np.empty((len(table), len(contract().features)), dtype="float32")
    for place, column in enumerate(contract().features):
        values = table[column.name].combine_chunks()
        if column.categories:
            values = pc.index_in(values, pa.array(column.categories))
        found[:, place] = values.to_numpy(zero_copy_only=False).astype("float32")
    return found


def train(folder: Path) -> Path:
    """Train the model in `folder`. Returns the folder with the contents of model.tar.gz."""
    parts = {name: _labelled(rows(count, seed)) for name, count, seed in PARTS}
    return run_training_job(folder, contract(), parts, "xgboost", HYPERPARAMETERS)


def run_training_job(
    folder: Path, terms: Contract, parts: Mapping[str, pa.Table], algorithm: str, hyperparameters: Mapping[str, Any]
) -> Path:
    """Run the project's training script on the parts `train` and `validation`. Returns its model folder."""
    for name, table in parts.items():
        (folder / name).mkdir(parents=True)
        pq.write_table(table, folder / name / "rows.parquet")
    for name in ("contract", "model", "output"):
        (folder / name).mkdir()
    (folder / "contract" / "contract.json").write_text(terms.json())
    places = {name: folder / name for name in ("train", "validation", "contract")}
    arguments = {**places, "output-data-dir": folder / "output", "model-dir": folder / "model", **hyperparameters}
    command = [sys.executable, str(SCRIPTS / "train.py"), "--algorithm", algorithm, "--threads", "2"]
    command += [word for name, value in arguments.items() for word in (f"--{name}", str(value))]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "model"


def train_for_peers(path: Path) -> Path:
    """Write a Booster of the same rows as numbers, with as many trees of the same depth. Returns its file."""
    import xgboost

    _, count, seed = PARTS[0]
    table = _labelled(rows(count, seed))
    truth = np.asarray(table["passed"].to_numpy() == "yes", dtype=int)
    settings = {"objective": "binary:logistic", "max_depth": DEPTH, "eta": 0.1, "nthread": 2}
    xgboost.train(settings, xgboost.DMatrix(numbers(table), truth), TREES).save_model(path)
    return path


def instances(table: pa.Table) -> bytes:
    """The rows as our JSON body."""
    return json.dumps({"instances": table.to_pylist()}, separators=(",", ":")).encode()


def arrow_stream(table: pa.Table) -> bytes:
    """The rows as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def number_rows(table: pa.Table) -> list[list[float | None]]:
    """The rows as numbers, None for missing ones: as short in JSON as the rows themselves."""
    plain = {column.name: table[column.name] for column in contract().features}
    for column in contract().features:
        if column.categories:
            plain[column.name] = pc.index_in(plain[column.name], pa.array(column.categories))
    return [list(row) for row in zip(*(values.to_pylist() for values in plain.values()), strict=True)]


def _labelled(table: pa.Table) -> pa.Table:
    """The rows with a target that depends on many columns, so that the trees are as large as their depth permits."""
    values = np.nan_to_num(numbers(table))
    score = ((values - values.mean(axis=0)) / (values.std(axis=0) + 1e-9)) @ np.cos(np.arange(values.shape[1]))
    noise = np.random.default_rng(SEED).normal(size=len(table)) * score.std()
    return table.append_column("passed", pa.array(np.where(score + noise > 0, "yes", "no")))


def _has_missing(place: int) -> bool:
    return place % 3 == 0


def _some(chance: np.random.Generator, place: int, values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=chance.random(len(values)) < MISSING if _has_missing(place) else None)


def _words(place: int) -> tuple[str, ...]:
    return tuple(f"kind {word}" for word in range(3 + place % 4))
