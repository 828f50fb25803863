from typing import Any

import pytest

from tasks.platform.seed_types import tag_list


def test_tags_are_sorted_by_name_as_aws_takes_them() -> None:
    tags = {"Project": "vishwaops", "Environment": "offline"}
    assert tag_list({"tags": tags}) == [
        {"Key": "Environment", "Value": "offline"},
        {"Key": "Project", "Value": "vishwaops"},
    ]


@pytest.mark.parametrize("values", [{}, {"tags": None}, {"tags": {}}])
def test_a_resource_without_tags_has_none(values: dict[str, Any]) -> None:
    assert tag_list(values) == []
