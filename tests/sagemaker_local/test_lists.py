"""Lists: pages, filters and orders, the same for every kind."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.support import Bench, everything, unique


@pytest.fixture(scope="module")
def prefix(bench: Bench) -> str:
    """Twelve groups: prefix-00 to prefix-11, made in this order."""
    prefix = unique("listed")
    for number in range(12):
        bench.sagemaker.create_model_package_group(ModelPackageGroupName=f"{prefix}-{number:02}")
    return prefix


def names(answer: dict[str, Any], prefix: str) -> list[str]:
    return [
        group["ModelPackageGroupName"].removeprefix(f"{prefix}-") for group in answer["ModelPackageGroupSummaryList"]
    ]


def test_pages_hold_every_resource_once(bench: Bench, prefix: str) -> None:
    paginator = bench.sagemaker.get_paginator("list_model_package_groups")
    pages = list(paginator.paginate(NameContains=prefix, PaginationConfig={"PageSize": 5}))
    assert all(len(page["ModelPackageGroupSummaryList"]) <= 5 for page in pages)
    assert [name for page in pages for name in names(page, prefix)] == [f"{n:02}" for n in range(12)]
    assert "NextToken" not in pages[-1]


def test_a_page_holds_ten_unless_asked_otherwise(bench: Bench, prefix: str) -> None:
    answer = bench.sagemaker.list_model_package_groups()
    assert len(answer["ModelPackageGroupSummaryList"]) == 10


@pytest.mark.parametrize("by", ["Name", "CreationTime"])
def test_an_order_holds_across_pages(bench: Bench, prefix: str, by: str) -> None:
    paginator = bench.sagemaker.get_paginator("list_model_package_groups")
    pages = paginator.paginate(NameContains=prefix, SortBy=by, SortOrder="Descending", PaginationConfig={"PageSize": 7})
    assert [name for page in pages for name in names(page, prefix)] == [f"{n:02}" for n in reversed(range(12))]


def test_times_filter(bench: Bench, prefix: str) -> None:
    def listed(**times: Any) -> list[Any]:
        return everything(bench.sagemaker, "list_model_package_groups", NameContains=prefix, **times)

    first, middle, last = (listed()[number]["ModelPackageGroupName"] for number in (0, 6, 11))
    time = listed()[6]["CreationTime"]
    after = [group["ModelPackageGroupName"] for group in listed(CreationTimeAfter=time)]
    before = [group["ModelPackageGroupName"] for group in listed(CreationTimeBefore=time)]
    assert (first in after, middle in after, last in after) == (False, True, True)
    assert (first in before, middle in before, last in before) == (True, True, False)


def test_statuses_filter(bench: Bench) -> None:
    job = bench.train("raise SystemExit(1)\n")
    for status, expected in (("Failed", [job["TrainingJobName"]]), ("Completed", [])):
        asked = {"NameContains": job["TrainingJobName"], "StatusEquals": status}
        listed = everything(bench.sagemaker, "list_training_jobs", **asked)
        assert [summary["TrainingJobName"] for summary in listed] == expected


def test_a_token_that_no_list_returned_is_refused(bench: Bench) -> None:
    with pytest.raises(ClientError, match="Invalid NextToken"):
        bench.sagemaker.list_models(NextToken="mine")
