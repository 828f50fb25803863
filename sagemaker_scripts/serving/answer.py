"""Answers one request to a model: from the body's bytes to a status, a body and a content type."""

import json
import logging
import traceback
from http import HTTPStatus

from serving.invocation import Answer
from serving.media_types import JSON
from serving.model import Model
from serving.negotiation import Options, options_of
from serving.predictions import Predictions
from serving.readers import reader_of
from serving.rejected import Rejected
from serving.scoring import score
from serving.writers import WRITERS

log = logging.getLogger(__name__)


def answer(model: Model, body: bytes | str, content_type: str, accept: str) -> Answer:
    """Score the rows in `body`. Returns 200 with the predictions, or 4xx with the problems as one line of JSON.

    Raises nothing: a failure of the model itself is a 500, and its traceback is logged without values.
    """
    try:
        reader, options = reader_of(content_type or ""), options_of(accept or "")
        return written(score(model, body, reader, options), options)
    except Rejected as rejected:
        return refusal(rejected)
    except Exception as failure:  # noqa: BLE001
        return _failed(failure)


def written(found: Predictions, options: Options) -> Answer:
    """Return the response with predictions."""
    return Answer(HTTPStatus.OK.value, WRITERS[options.kind](found), options.kind, rows=len(found.output))


def refusal(rejected: Rejected) -> Answer:
    """Return the response to an invalid request."""
    return Answer(rejected.status.value, json.dumps(rejected.content()).encode(), JSON)


def _failed(failure: Exception) -> Answer:
    """Log a failure, and return its response. An exception's text may have values of the request, and is not shown."""
    kind = type(failure).__name__
    log.error("a request failed with %s\n%s", kind, "".join(traceback.format_tb(failure.__traceback__)))
    content = {"error": f"The model failed with {kind}. Its log has the traceback", "problems": []}
    return Answer(HTTPStatus.INTERNAL_SERVER_ERROR.value, json.dumps(content).encode(), JSON)
