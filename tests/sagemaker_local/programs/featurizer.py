# ruff: noqa
# mypy: ignore-errors
"""A preprocessor that trains and serves, like AWS's scikit-learn inference pipeline sample."""

from __future__ import print_function

import argparse
import json
import os
from io import StringIO

import joblib
import pandas as pd
from sagemaker_containers.beta.framework import (
    content_types,
    encoders,
    env,
    modules,
    transformer,
    worker,
)
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

COLUMNS = ["sex", "length", "rings"]

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", type=str, default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", type=str, default=os.environ["SM_CHANNEL_TRAIN"])
    args = parser.parse_args()

    files = [os.path.join(args.train, file) for file in os.listdir(args.train)]
    data = pd.concat([pd.read_csv(file, header=None, names=COLUMNS) for file in files]).drop(columns="rings")
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    preprocessor = ColumnTransformer(
        [("num", numbers, ["length"]), ("cat", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["sex"])]
    )
    joblib.dump(preprocessor.fit(data), os.path.join(args.model_dir, "model.joblib"))


def input_fn(input_data, content_type):
    if content_type == "text/csv":
        return pd.read_csv(StringIO(input_data), header=None, names=COLUMNS[:2])
    raise ValueError(f"{content_type} not supported by script!")


def output_fn(prediction, accept):
    if accept == "application/json":
        body = {"instances": [{"features": row.tolist()} for row in prediction]}
        return worker.Response(json.dumps(body), mimetype=accept)
    if accept == "text/csv":
        return worker.Response(encoders.encode(prediction, accept), mimetype=accept)
    raise RuntimeError(f"{accept} accept type is not supported by this script.")


def predict_fn(input_data, model):
    return model.transform(input_data)


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))
