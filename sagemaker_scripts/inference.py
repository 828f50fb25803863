"""Serves a trained artefact: SageMaker's model_fn, input_fn, predict_fn and output_fn around `tabular.serving.answer`.

Accepts `application/json` ({"instances": [{"feature": value, ...}, ...]}) or `text/csv` with a header. A request that
does not fit the model's contract gets a 4xx response with the problems. The endpoint stays in service.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path

from sagemaker_inference.errors import BaseInferenceToolkitError

from tabular.artefact import Artefact
from tabular.serving import Answer, answer


class Refusal(BaseInferenceToolkitError):  # type: ignore[misc]  # the image has it, this environment does not
    """A response with a status other than 200.

    AWS's XGBoost image passes the status to the caller only for exceptions of this base class.
    """

    def __init__(self, refused: Answer) -> None:
        super().__init__(refused.status, refused.body, HTTPStatus(refused.status).phrase)


@dataclass(frozen=True)
class Request:
    """An unparsed request."""

    body: str | bytes
    content_type: str


def model_fn(model_dir: str) -> Artefact:
    """Load the model with skops, without pickle."""
    return Artefact.load(Path(model_dir))


def input_fn(body: str | bytes, content_type: str) -> Request:
    """Keep the request unparsed: parsing it needs the model's contract, which only predict_fn has."""
    return Request(body, content_type)


def predict_fn(request: Request, model: Artefact) -> Callable[[str], Answer]:
    """Return a function from the caller's Accept header to the response."""
    return partial(answer, model, request.body, request.content_type)


def output_fn(answering: Callable[[str], Answer], accept: str) -> tuple[str, str]:
    """Score the rows and return body and content type. Raises Refusal when the request is refused."""
    found = answering(accept)
    if found.status != HTTPStatus.OK:
        raise Refusal(found)
    return found.body, found.content_type
