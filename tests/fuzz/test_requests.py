"""A small number of the requests that `python -m tests.fuzz requests` sends by the thousand."""

from collections.abc import Iterator

import pytest

from offline_cloud import Cloud
from tests.endpoints import serving_archive
from tests.fuzz.outcomes import Outcome
from tests.fuzz.requests import in_process, try_bodies, try_in_process, try_openapi, try_target
from tests.fuzz.servers import Target, endpoint, model_server, own_server, packed_model


@pytest.fixture(scope="module", params=["own server", "model server", "endpoint"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Our model server, SageMaker local's by itself, and an endpoint of the run's cloud."""
    if request.param == "own server":
        with own_server() as own:
            yield own
        return
    if request.param == "model server":
        with model_server() as server:
            yield server
        return
    cloud: Cloud = request.getfixturevalue("cloud")
    with serving_archive(cloud, packed_model(tmp_path_factory.mktemp("packed") / "model")) as name:
        yield endpoint(cloud.environment["AWS_ENDPOINT_URL_SAGEMAKER"], name)


def check(outcome: Outcome) -> None:
    assert not outcome.failures, "\n\n".join(outcome.failures)


def test_every_request_gets_the_right_answer_or_a_plain_refusal() -> None:
    outcome = Outcome()
    try_in_process(80, 1, outcome)
    check(outcome)


def test_requests_over_http_and_broken_http_leave_the_next_answer_unchanged(target: Target) -> None:
    outcome = Outcome()
    try_target(target, 15, 25, 1, outcome)
    check(outcome)
    assert outcome.total == 40


def test_sound_and_damaged_bodies_of_every_media_type_get_an_answer_or_a_refusal() -> None:
    outcome = Outcome()
    try_bodies(in_process(), 250, 1, outcome)
    check(outcome)
    assert outcome.total == 250


def test_requests_made_of_the_openapi_description_get_the_responses_that_it_describes() -> None:
    outcome = Outcome()
    with own_server() as own:
        try_openapi(own, 60, 1, outcome)
        try_bodies(own.send, 60, 2, outcome)
    check(outcome)
