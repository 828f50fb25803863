"""How an endpoint is hosted, in the YAML of a use case."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import ConfigError
from config.hosting import Instances, Serverless
from config.use_case import UseCase, load_use_case, use_case_names
from tests.use_cases import content, small_use_case

NEW_ACCOUNT = 10
"""The concurrency that all serverless endpoints of a new account share."""


def read(folder: Path, hosting: Any) -> UseCase:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**content("cake_popularity"), "name": "mine", "hosting": hosting}))
    return load_use_case(str(path))


def test_an_endpoint_is_serverless_unless_the_use_case_has_another_hosting() -> None:
    assert small_use_case().hosting == Serverless(kind="serverless", memory_in_mb=2048, max_concurrency=5)
    assert small_use_case(hosting={"kind": "instances"}).hosting == Instances(kind="instances")


@pytest.mark.parametrize("memory", [1024, 2048, 3072, 4096, 5120, 6144])
def test_every_memory_size_of_aws_is_accepted(memory: int) -> None:
    hosting = small_use_case(hosting={"kind": "serverless", "memory_in_mb": memory}).hosting
    assert isinstance(hosting, Serverless)
    assert hosting.memory_in_mb == memory


@pytest.mark.parametrize(
    ("hosting", "message"),
    [
        ({"kind": "serverless", "memory_in_mb": 2000}, r"hosting.memory_in_mb: expected one of 1024, .*; found 2000"),
        ({"kind": "serverless", "memory_in_mb": 7168}, r"hosting.memory_in_mb: .*; found 7168"),
        ({"kind": "serverless", "max_concurrency": 0}, r"hosting.max_concurrency: expected a number of at least 1"),
        ({"kind": "serverless", "max_concurrency": 201}, r"hosting.max_concurrency: expected a number of at most 200"),
        (
            {"kind": "serverless", "max_concurrency": 2, "provisioned_concurrency": 3},
            r"hosting: expected provisioned_concurrency of at most max_concurrency, 2; found 3",
        ),
        ({"kind": "instances", "memory_in_mb": 2048}, r"hosting: expected only the keys kind; found 'memory_in_mb'"),
        ({"kind": "lambda"}, r"hosting.kind: expected one of 'serverless', 'instances'; found 'lambda'"),
    ],
)
def test_a_hosting_that_aws_would_refuse_is_refused(tmp_path: Path, hosting: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(tmp_path, hosting)


def test_the_shipped_use_cases_fit_a_new_account_together() -> None:
    hostings = [load_use_case(name).hosting for name in use_case_names()]
    assert sum(hosting.max_concurrency for hosting in hostings if isinstance(hosting, Serverless)) <= NEW_ACCOUNT
