"""Serves a trained artefact: SageMaker's model_fn, input_fn, predict_fn and output_fn around `tabular.serving.answer`.

Takes `application/json` ({"instances": [{"feature": value, ...}, ...]}) or `text/csv` with a header. A request that
does not fit the model's contract is answered by 4xx with the problems, and the endpoint lives on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path

from sagemaker_inference.errors import BaseInferenceToolkitError

from tabular.artefact import Artefact
from tabular.serving import Answer, answer


class Refusal(BaseInferenceToolkitError):  # type: ignore[misc]  # the image holds it, not this environment
    """An answer with another status than 200.

    Of all exceptions only this base reaches the caller with a status of its own from AWS's XGBoost image.
    """

    def __init__(self, refused: Answer) -> None:
        super().__init__(refused.status, refused.body, HTTPStatus(refused.status).phrase)


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    body: str | bytes
    content_type: str


def model_fn(model_dir: str) -> Artefact:
    """Load the model, by skops: no pickle."""
    return Artefact.load(Path(model_dir))


def input_fn(body: str | bytes, content_type: str) -> Request:
    """Keep the request for predict_fn, which has the model, whose contract decides how it is read."""
    return Request(body, content_type)


def predict_fn(request: Request, model: Artefact) -> Callable[[str], Answer]:
    """Return what answers the request, given the types that the caller accepts."""
    return partial(answer, model, request.body, request.content_type)


def output_fn(answering: Callable[[str], Answer], accept: str) -> tuple[str, str]:
    """Score the rows and return body and content type. Raises Refusal when the request is refused."""
    found = answering(accept)
    if found.status != HTTPStatus.OK:
        raise Refusal(found)
    return found.body, found.content_type
