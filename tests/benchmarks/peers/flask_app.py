"""A Flask application under gunicorn with gevent workers, as in SageMaker's toolkits for prebuilt images.

The toolkits put nginx before it, which is left out here.
"""

import io
import json
import os

import flask
import numpy as np
import xgboost

application = flask.Flask(__name__)
BOOSTER = xgboost.Booster(model_file=os.environ["PEER_MODEL"])
BOOSTER.set_param({"nthread": 1})


@application.get("/ping")
def ping() -> flask.Response:
    """The health check."""
    return flask.Response(status=200)


@application.post("/invocations")
def invocations() -> flask.Response:
    """What input_fn, predict_fn and output_fn of a script do: JSON rows to an array, to predictions, to JSON."""
    rows = np.array(json.load(io.BytesIO(flask.request.get_data()))["instances"], dtype="float32")
    found = BOOSTER.inplace_predict(rows)
    return flask.Response(json.dumps({"predictions": found.tolist()}), mimetype="application/json")
