import os

import pytest

from config import environment
from config.errors import ConfigError
from config.profile import VARIABLE, active_profile, load_profile


def test_offline_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert active_profile().offline


def test_the_aws_profile_takes_its_names_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISHWAOPS_AWS_ACCOUNT", "123456789012")
    monkeypatch.setenv("VISHWAOPS_DATA_BUCKET", "some-bucket")
    monkeypatch.setenv("VISHWAOPS_SAGEMAKER_ROLE_ARN", "arn:aws:iam::123456789012:role/jobs")
    monkeypatch.setenv(
        "VISHWAOPS_MLFLOW_TRACKING_ARN", "arn:aws:sagemaker:us-east-1:123456789012:mlflow-tracking-server/a"
    )
    load_profile.cache_clear()
    profile = load_profile("aws")
    load_profile.cache_clear()
    assert (profile.bucket, profile.offline) == ("some-bucket", False)
    assert profile.tracking_uri.startswith("arn:aws:sagemaker")


def test_the_aws_profile_says_which_variable_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISHWAOPS_AWS_ACCOUNT", raising=False)
    load_profile.cache_clear()
    with pytest.raises(ConfigError, match="needs the environment variable VISHWAOPS_AWS_ACCOUNT"):
        load_profile("aws")


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="expected one of aws, offline; found 'mars'"):
        load_profile("mars")


def test_every_telemetry_switch_is_off_once_config_is_imported() -> None:
    assert {name: os.environ.get(name) for name in environment.PRIVACY} == environment.PRIVACY
