"""SageMaker's two functions behind Flask, called as AWS's XGBoost image calls them."""

import json
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import inference
from config.settings import SCRIPTS
from serving.answer import answer
from tabular.compiled.plain import PlainModel
from tests.scripts.models import ALGORITHMS, ROW, saved_model, served_model, small_model

JSON, CSV = "application/json", "text/csv"
BOM = "\ufeff"
GOOD = "age,hours,colour,origin\n15,30.5,red,yes\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The model that model_fn loads from the container's folder."""
    path = tmp_path_factory.mktemp("model")
    saved_model(path)
    return inference.model_fn(str(path))


@pytest.fixture(scope="module")
def client(model: Any) -> FlaskClient:
    """The application of sagemaker-containers 2.8.6: text for a bare content type, else bytes, and no error handler."""
    application = flask.Flask(__name__)

    @application.post("/invocations")
    def invocations() -> Any:
        request = flask.request
        content_type = request.headers.get("Content-Type") or JSON
        body = request.get_data(as_text=True) if content_type in (JSON, CSV) else request.get_data()
        return inference.transform_fn(model, body, content_type, request.headers.get("Accept") or JSON)

    return application.test_client()


def ask(client: FlaskClient, body: str | bytes, kind: str, accept: str = JSON) -> TestResponse:
    return client.post("/invocations", data=body, headers={"Content-Type": kind, "Accept": accept})


def test_the_script_has_no_function_that_the_image_forbids_beside_transform_fn() -> None:
    assert {name for name in dir(inference) if name.endswith("_fn")} == {"model_fn", "transform_fn"}


@pytest.mark.parametrize("accept", [JSON, CSV, "*/*"])
@pytest.mark.parametrize("body", [json.dumps([ROW]), json.dumps({"instances": [ROW, ROW]}).encode()])
@pytest.mark.parametrize("kind", [JSON, "application/json; charset=utf-8", "application/json;charset=UTF-8"])
def test_the_loaded_model_answers_as_the_trained_one(
    client: FlaskClient, body: str | bytes, kind: str, accept: str
) -> None:
    expected, found = answer(served_model(), body, JSON, accept), ask(client, body, kind, accept)
    assert (found.status_code, found.mimetype, found.get_data()) == (
        200,
        expected.content_type,
        expected.body,
    )


@pytest.mark.parametrize("kind", [CSV, "text/csv; charset=utf-8"])
def test_a_byte_order_mark_is_not_part_of_the_header(client: FlaskClient, kind: str) -> None:
    assert ask(client, BOM + GOOD, kind).json == ask(client, GOOD, kind).json
    assert ask(client, BOM + json.dumps([ROW]), JSON).json == ask(client, GOOD, CSV).json


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("[5]", JSON, 400),
        ("", CSV, 400),
        (b'[{"age": "\xff"}]', JSON, 400),
        (b'[{"age": "\xff"}]', "application/json; charset=utf-8", 400),
        (GOOD.encode("utf-16"), "text/csv; charset=utf-16", 415),
        ("x", "image/png", 415),
    ],
)
def test_a_refusal_has_its_status_and_the_problems_as_json(
    client: FlaskClient, body: str | bytes, kind: str, status: int
) -> None:
    found = ask(client, body, kind)
    assert (found.status_code, found.mimetype) == (status, JSON)
    assert set(found.json or {}) == {"error", "problems"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_step_of_a_loaded_model_predicts_in_one_thread(algorithm: str, tmp_path: Path) -> None:
    trained = small_model(algorithm)
    threaded = [name for name in trained.pipeline.get_params() if name.endswith("n_jobs")]
    trained.pipeline.set_params(**dict.fromkeys(threaded, 4))
    trained.save(tmp_path, code=SCRIPTS)
    loaded = PlainModel(tmp_path)._model.pipeline
    assert threaded
    assert {loaded.get_params()[name] for name in threaded} == {1}
    if algorithm == "xgboost":
        settings = json.loads(loaded[-1].get_booster().save_config())
        assert settings["learner"]["generic_param"]["nthread"] == "1"
