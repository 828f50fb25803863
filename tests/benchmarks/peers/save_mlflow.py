"""Saves a Booster as an MLflow model: `python -m tests.benchmarks.peers.save_mlflow BOOSTER FOLDER frame|tensor`."""

import sys

import mlflow.xgboost
import numpy as np
import xgboost
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema, TensorSpec

from tests.benchmarks.serving_model import contract

booster, folder, kind = sys.argv[1:]
names = [column.name for column in contract().features]
model = xgboost.Booster(model_file=booster)
model.set_param({"nthread": 1})
if kind == "frame":
    model.feature_names = names
    inputs = Schema([ColSpec(DataType.double, name) for name in names])
else:
    inputs = Schema([TensorSpec(np.dtype("float32"), (-1, len(names)))])
mlflow.xgboost.save_model(
    model, folder, signature=ModelSignature(inputs=inputs), model_format="ubj", pip_requirements=["xgboost"]
)
