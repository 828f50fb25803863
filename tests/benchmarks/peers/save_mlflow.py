"""Saves a Booster as an MLflow model: `python -m tests.benchmarks.peers.save_mlflow BOOSTER FOLDER FEATURES`."""

import sys

import mlflow.xgboost
import numpy as np
import xgboost
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec

booster, folder, features = sys.argv[1:]
model = xgboost.Booster(model_file=booster)
signature = ModelSignature(
    inputs=Schema([TensorSpec(np.dtype("float32"), (-1, int(features)))]),
    outputs=Schema([TensorSpec(np.dtype("float32"), (-1,))]),
)
mlflow.xgboost.save_model(model, folder, signature=signature, model_format="ubj", pip_requirements=["xgboost"])
