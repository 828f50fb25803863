"""Search of stored resources, by properties, tags and metrics."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.support import TRAIN, Bench, unique


@pytest.fixture(scope="module")
def jobs(bench: Bench) -> tuple[str, list[str]]:
    """The word in the names of three training jobs, and their names from the worst to the best."""
    word = unique("search")
    names = []
    for score in (1, 2, 3):
        name = f"{word}-{score}"
        job = bench.train(
            TRAIN + f"print('score: {score}')\n",
            name=name,
            hyperparameters={"slope": str(score)},
            algorithm={"MetricDefinitions": [{"Name": "score", "Regex": "score: (.*)"}]},
            Tags=[{"Key": "parity", "Value": "odd" if score % 2 else "even"}],
        )
        assert job["TrainingJobStatus"] == "Completed"
        names.append(name)
    return word, names


def found(bench: Bench, word: str, *filters: dict[str, str], **more: Any) -> list[str]:
    named = {"Name": "TrainingJobName", "Operator": "Contains", "Value": word}
    expression = {"Filters": [named, *filters]}
    answer = bench.sagemaker.search(Resource="TrainingJob", SearchExpression=expression, **more)
    assert answer["TotalHits"]["Value"] >= len(answer["Results"])
    return [result["TrainingJob"]["TrainingJobName"] for result in answer["Results"]]


def test_jobs_are_found_and_sorted_by_their_metrics(bench: Bench, jobs: tuple[str, list[str]]) -> None:
    word, names = jobs
    assert found(bench, word, SortBy="Metrics.score") == names[::-1]
    assert found(bench, word, SortBy="Metrics.score", SortOrder="Ascending") == names
    assert found(bench, word) == names[::-1]
    better = {"Name": "Metrics.score", "Operator": "GreaterThan", "Value": "1.5"}
    assert set(found(bench, word, better)) == set(names[1:])


def test_jobs_are_found_by_hyperparameter_tag_and_status(bench: Bench, jobs: tuple[str, list[str]]) -> None:
    word, names = jobs
    assert found(bench, word, {"Name": "HyperParameters.slope", "Operator": "Equals", "Value": "2"}) == [names[1]]
    assert set(found(bench, word, {"Name": "Tags.parity", "Value": "odd"})) == {names[0], names[2]}
    assert found(bench, word, {"Name": "Tags.none", "Operator": "Exists"}) == []
    assert found(bench, word, {"Name": "TrainingJobStatus", "Operator": "NotEquals", "Value": "Completed"}) == []
    assert len(found(bench, word, {"Name": "TrainingJobStatus", "Operator": "In", "Value": "Failed,Completed"})) == 3


def test_expressions_nest_and_pages_follow(bench: Bench, jobs: tuple[str, list[str]]) -> None:
    names = jobs[1]
    either = [{"Name": "TrainingJobName", "Operator": "Equals", "Value": name} for name in names[:2]]
    expression = {"SubExpressions": [{"Filters": either, "Operator": "Or"}]}
    request = {"Resource": "TrainingJob", "SearchExpression": expression, "MaxResults": 1}
    first = bench.sagemaker.search(**request)
    second = bench.sagemaker.search(**request, NextToken=first["NextToken"])
    assert "NextToken" not in second
    seen = [answer["Results"][0]["TrainingJob"]["TrainingJobName"] for answer in (first, second)]
    assert set(seen) == set(names[:2])
    with pytest.raises(ClientError, match="Invalid NextToken"):
        bench.sagemaker.search(**request, NextToken="x")
