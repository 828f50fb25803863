"""What a run says of SageMaker managed MLflow before it starts."""

from typing import Any

import pytest

from config.errors import NoPlatform
from tasks.experiments import tracking, tracking_server
from tasks.platform import Platform
from tests.aws_answers import answering, flows_use, refusal

SERVER = {"TrackingServerName": "vishwaops-dev", "TrackingServerStatus": "Created", "IsActive": "Active"}


@pytest.fixture
def untracked(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment on AWS without a tracking server."""
    for module in (tracking, tracking_server):
        monkeypatch.setattr(module, "platform", lambda: Platform("/vishwaops/offline", {}))


def test_a_run_without_a_tracking_server_says_so_and_what_to_do(
    untracked: None, caplog: pytest.LogCaptureFixture
) -> None:
    tracking_server.report()
    assert "experiments are not tracked: environment offline has no MLflow tracking server" in caplog.text
    assert "terraform/environments/offline/platform.tfvars" in caplog.text
    assert tracking.log_run("case", "one", name="run", models=[], metrics={}, texts={}, tags={}) is None
    with pytest.raises(NoPlatform, match="has no MLflow tracking server"):
        tracking.tracking_uri()


def test_a_tracking_server_that_was_deleted_does_not_end_the_run(
    aws: None, bucket: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    arn = "arn:aws:sagemaker:us-east-1:000000000000:mlflow-tracking-server/gone"
    known = Platform("/vishwaops/offline", {"mlflow/tracking_server": arn})
    monkeypatch.setattr(tracking_server, "platform", lambda: known)
    missing = refusal("ResourceNotFound", "Mlflow Tracking Server gone does not exist")
    with answering(missing) as fake, flows_use("SAGEMAKER", fake.url):
        tracking_server.report()
    assert f"not tracked: tracking server {arn} does not exist any more. Apply Terraform" in caplog.text


def test_another_tracking_server_than_the_environment_s_needs_none(
    untracked: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(tracking_server.OVERRIDE, "http://mlflow.example")
    tracking_server.report()
    assert (caplog.text, tracking.tracking_uri()) == ("", "http://mlflow.example")


def test_offline_there_is_nothing_to_say(caplog: pytest.LogCaptureFixture) -> None:
    tracking_server.report()
    assert caplog.text == ""


def test_a_stopped_tracking_server_is_named_with_the_command_that_starts_it() -> None:
    stopped: dict[str, Any] = {**SERVER, "TrackingServerStatus": "Stopped", "IsActive": "Inactive"}
    assert tracking_server.why_stopped(SERVER) is None
    assert tracking_server.why_stopped(stopped) == (
        "tracking server vishwaops-dev is Stopped, not running. Start it: "
        "aws sagemaker start-mlflow-tracking-server --tracking-server-name vishwaops-dev"
    )


@pytest.mark.parametrize("version", ["3.0", "3.0.0", "3.10", "3.10.1"])
def test_a_version_that_was_tried_fits(version: str) -> None:
    assert tracking_server.version_mismatch({**SERVER, "MlflowVersion": version}) is None


@pytest.mark.parametrize("version", ["2.16", "2.16.2", "3.1", "3.100"])
def test_another_version_is_named_with_what_to_do(version: str) -> None:
    found = tracking_server.version_mismatch({**SERVER, "MlflowVersion": version})
    assert f"expected version 3.0 or 3.10 for the client 3.17.2, found {version}" in str(found)
    assert "make tf-apply" in str(found)
