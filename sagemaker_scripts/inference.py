"""Serves a trained artefact: SageMaker's model_fn and transform_fn around `serving.answer.answer`.

README.md has the media types of requests and responses. A request that does not fit the model's contract gets a 4xx
response with the problems. AWS's XGBoost image turns every exception into a 500 with an HTML page. It also forbids
input_fn, predict_fn and output_fn beside transform_fn: only a flask.Response that transform_fn returns has a status of
its own.
"""

from pathlib import Path

import flask

from serving.answer import answer
from tabular import pandas_in_arrow, signed_files
from tabular.compiled.model import CompiledModel


def model_fn(model_dir: str) -> CompiledModel:
    """Load the model, without pickle. It predicts in one thread: the image has a process per processor.

    Raises ValueError when the files are not those that were signed.
    """
    signed_files.require(Path(model_dir))
    pandas_in_arrow.disable()
    return CompiledModel.load(Path(model_dir))


def transform_fn(model: CompiledModel, body: str | bytes, content_type: str, accept: str) -> flask.Response:
    """Score the rows of a request: 200 with the predictions, or 4xx with the problems as JSON."""
    found = answer(model, body, content_type, accept)
    return flask.Response(found.body, status=found.status, mimetype=found.content_type)
