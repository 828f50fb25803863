"""SageMaker's four functions, called in the order in which the container calls them."""

import json
from pathlib import Path
from typing import Any

import pytest
from sagemaker_inference.errors import BaseInferenceToolkitError

import inference
from config.settings import SCRIPTS
from tabular.serving import answer
from tests.scripts.models import ROW, small_model

JSON, CSV = "application/json", "text/csv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model in the container's folder."""
    path = tmp_path_factory.mktemp("model")
    small_model().save(path, code=SCRIPTS)
    return path


def ask(folder: Path, body: str | bytes, kind: str, accept: str) -> tuple[str, str]:
    model = inference.model_fn(str(folder))
    return inference.output_fn(inference.predict_fn(inference.input_fn(body, kind), model), accept)


@pytest.mark.parametrize("accept", [JSON, CSV, "*/*"])
@pytest.mark.parametrize("body", [json.dumps([ROW]), json.dumps({"instances": [ROW, ROW]}).encode()])
def test_the_loaded_model_answers_as_the_trained_one(folder: Path, body: str | bytes, accept: str) -> None:
    expected = answer(small_model(), body, JSON, accept)
    assert ask(folder, body, JSON, accept) == (expected.body, expected.content_type)


@pytest.mark.parametrize(
    ("body", "kind", "status", "phrase"),
    [
        ("[5]", JSON, 400, "Bad Request"),
        ("", CSV, 400, "Bad Request"),
        ("x", "image/png", 415, "Unsupported Media Type"),
    ],
)
def test_a_refusal_is_the_toolkit_s_error_with_the_answer_s_status_and_body(
    folder: Path, body: str, kind: str, status: int, phrase: str
) -> None:
    with pytest.raises(BaseInferenceToolkitError) as refused:
        ask(folder, body, kind, JSON)
    error: Any = refused.value
    assert (error.status_code, error.phrase) == (status, phrase)
    assert error.message == answer(small_model(), body, kind, JSON).body
