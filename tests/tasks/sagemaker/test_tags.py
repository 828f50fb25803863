import logging

import pytest

from tasks.platform import platform
from tasks.sagemaker import tags

COSTS = {"Project": "vishwaops", "Environment": "offline", "Owner": "mlops", "CostCentre": "offline"}


def test_what_the_flows_create_has_terraform_s_tags_as_well(bucket: str) -> None:
    found = {tag["key"]: tag["value"] for tag in tags.labels({"use-case": "a", "split": "s"})}
    assert found == {"use-case": "a", "split": "s", "DataClass": "internal", **COSTS}
    assert "ManagedBy" not in platform().tags


def test_a_key_in_both_has_its_own_value_and_case_matters() -> None:
    assert tags.merged({"Owner": "a"}, {"Owner": "b", "owner": "c"}) == {"Owner": "a", "owner": "c"}


def test_a_resource_has_fifty_tags_at_most_and_its_own_come_first(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    many = {f"key{number}": "x" for number in range(50)}
    found = tags.merged({"use-case": "a"}, many)
    assert (len(found), next(iter(found))) == (50, "use-case")
    assert "expected at most 50, a resource's limit; found 51. Left out: key49" in caplog.text
