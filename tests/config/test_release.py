"""How a use case releases its versions."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from config.release import AllAtOnce, Canary, Linear
from tests.use_cases import small_use_case

ON_INSTANCES = {"kind": "instances"}
CANARY = {"kind": "canary", "percent": 10, "minutes": 5}


def test_a_version_is_released_at_once_and_approved_by_the_gates_unless_the_use_case_says_otherwise() -> None:
    rules = small_use_case().release
    assert (rules.approval, rules.steps, rules.shadow) == ("automatic", AllAtOnce(kind="all_at_once"), None)
    rules = small_use_case(hosting=ON_INSTANCES, release={"steps": CANARY, "shadow": {"minutes": 10}}).release
    assert rules.steps == Canary(kind="canary", percent=10, minutes=5)
    assert rules.shadow
    assert rules.shadow.percent == 100


@pytest.mark.parametrize(
    ("release", "message"),
    [
        ({"steps": {**CANARY, "percent": 51}}, r"less than or equal to 50"),
        ({"steps": {**CANARY, "minutes": 61}}, r"less than or equal to 60"),
        ({"steps": {"kind": "linear", "percent": 9, "minutes": 1}}, r"greater than or equal to 10"),
        ({"steps": {"kind": "linear", "percent": 10, "minutes": 60}}, r"at most 420 minutes together.*found 600"),
        ({"steps": {"kind": "blue"}}, r"'all_at_once', 'canary', 'linear'"),
        ({"shadow": {"minutes": 5, "percent": 0}}, r"greater than or equal to 1"),
        ({"approval": "later"}, r"'automatic' or 'manual'"),
    ],
)
def test_a_release_that_sagemaker_would_refuse_is_refused(release: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        small_use_case(hosting=ON_INSTANCES, release=release)


def test_the_longest_linear_release_of_sagemaker_is_accepted() -> None:
    steps = {"kind": "linear", "percent": 10, "minutes": 42}
    assert isinstance(small_use_case(hosting=ON_INSTANCES, release={"steps": steps}).release.steps, Linear)


@pytest.mark.parametrize("key", ["steps", "shadow"])
def test_a_serverless_endpoint_has_neither_steps_nor_a_shadow(key: str) -> None:
    found = {"steps": CANARY, "shadow": {"minutes": 1}}[key]
    message = f"release.{key}: expected hosting of kind instances, .*Remove release.{key}, or set hosting"
    with pytest.raises(ValidationError, match=message):
        small_use_case(release={key: found})
    assert small_use_case(release={"steps": {"kind": "all_at_once"}}).hosting.kind == "serverless"
    assert not re.search("shadow", str(small_use_case().release.needs_instances))
