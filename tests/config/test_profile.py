from pathlib import Path

import pytest

from config import settings
from config.documents import read_document
from config.errors import ConfigError
from config.profile import EXPANDED, VARIABLE, Profile, active_profile, load_profile


def test_offline_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert active_profile().offline


def test_the_aws_profile_runs_on_the_environment_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISHWAOPS_ENVIRONMENT", "prod")
    load_profile.cache_clear()
    profile = load_profile("aws")
    load_profile.cache_clear()
    assert (profile.parameters, profile.offline) == ("/vishwaops/prod", False)


def test_every_profile_runs_on_an_environment_that_terraform_has() -> None:
    known = {path.name for path in (settings.PROJECT / "terraform" / "environments").iterdir()}
    assert {load_profile(name).environment for name in ("aws", "offline")} <= known


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOBODY_SETS_THIS", raising=False)
    (tmp_path / "p.yaml").write_text("region: ${NOBODY_SETS_THIS}")
    with pytest.raises(ConfigError, match="region: needs the environment variable NOBODY_SETS_THIS"):
        read_document(tmp_path / "p.yaml", Profile, expanded=EXPANDED)


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="expected one of aws, offline; found 'mars'"):
        load_profile("mars")
