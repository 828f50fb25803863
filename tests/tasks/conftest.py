"""Fixtures of the tests of tasks."""

from collections.abc import Iterator

import pytest

from config.profile import VARIABLE, load_profile
from tasks.experiments.tracking_server import OVERRIDE


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The AWS profile on the environment `offline`: as in an account, and every call stays on this machine."""
    monkeypatch.setenv(VARIABLE, "aws")
    monkeypatch.setenv("VISHWAOPS_ENVIRONMENT", "offline")
    monkeypatch.delenv(OVERRIDE, raising=False)
    load_profile.cache_clear()
    yield
    load_profile.cache_clear()
